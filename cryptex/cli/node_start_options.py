"""The options of `node start`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cryptex.cli.node_key import KindChoice

HostOption = Annotated[str | None, typer.Option("--host", metavar="H", help="Listen here [127.0.0.1].")]
PortOption = Annotated[
    int | None, typer.Option("--port", metavar="P", min=0, max=65_535, help="Listen here; 0 takes a free one [7070].")
]
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML.")]
ScenarioOption = Annotated[
    str | None, typer.Option("--scenario", metavar="NAME", help="Simulated traders in every market, such as calm.")
]
TlsOption = Annotated[
    bool, typer.Option("--tls", help="Speak HTTPS, with certificates of the node's own; prints their fingerprint.")
]
TlsNameOption = Annotated[
    list[str] | None,
    typer.Option("--tls-name", metavar="NAME", help="With --tls: a further host name or address of this node."),
]
TlsCertOption = Annotated[
    Path | None, typer.Option("--tls-cert", metavar="FILE", help="Speak HTTPS with this certificate (PEM chain).")
]
TlsKeyOption = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", help="The key of --tls-cert (PEM, not encrypted).")
]
InsecureOption = Annotated[bool, typer.Option("--insecure", help="Listen beyond loopback without encryption.")]
RepairOption = Annotated[bool, typer.Option("--repair", help="Start although users or clock do not fit the log.")]
AcceptJournalOption = Annotated[
    bool, typer.Option("--accept-journal", help="Start from a journal whose witness file is missing.")
]
EncryptionOption = Annotated[
    Literal["auto", "on", "off"] | None,
    typer.Option("--encryption", help="Of a new data folder; auto is on, where that is possible."),
]
KeyKindOption = Annotated[KindChoice | None, typer.Option("--key", help="Where a new data folder's key is kept.")]
UntilStdinEndsOption = Annotated[bool, typer.Option("--until-stdin-ends", hidden=True)]
