"""What deposits and withdrawals share: their arguments, and that each is made once."""

import shlex
from typing import Annotated, TypeVar

import typer

from cryptex.cli.common import Run
from cryptex.cli.completion import complete_asset
from cryptex.cli.door import Answer, Door
from cryptex.cli.in_flight import in_flight
from cryptex.client.errors import OutcomeUnknownError
from cryptex.client.forms import Fields

T = TypeVar("T")

AssetArgument = Annotated[
    str, typer.Argument(metavar="ASSET", help="Such as USDT.", show_default=False, autocompletion=complete_asset)
]
AmountArgument = Annotated[str, typer.Argument(metavar="AMOUNT", show_default=False)]
ReferenceOption = Annotated[
    str | None, typer.Option("--reference", metavar="X", help="The same reference never moves funds twice.")
]


def sent_once(run: Run, door: Door, path: str, kind: type[T], fields: Fields) -> Answer[T]:
    """Send a transfer; where its answer is lost, its reference makes it safe to send it again."""
    reference = str(fields["reference"])
    again = f"The same again with --reference {shlex.quote(reference)} cannot move it twice."
    with in_flight("the funds were moved", again, reference=reference):
        try:
            return door.send("POST", path, kind, fields)
        except OutcomeUnknownError:
            run.out.note("The answer was lost; sending the same again.")
            return door.send("POST", path, kind, fields)
