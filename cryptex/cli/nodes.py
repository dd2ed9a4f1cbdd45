"""Nodes: started here and stopped."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, TypedDict

import typer

from cryptex.cli import node_admin, node_audit, node_backup, node_care, node_key, node_status
from cryptex.cli.common import Run, command, group
from cryptex.cli.door import Door
from cryptex.cli.faults import Fault
from cryptex.cli.folders import DataDirOption, data_folder, is_alive, not_running, read_node_file, wait_until
from cryptex.cli.node_start_options import (
    AcceptJournalOption,
    ConfigOption,
    EncryptionOption,
    HostOption,
    InsecureOption,
    KeyKindOption,
    PortOption,
    RepairOption,
    ScenarioOption,
    TlsCertOption,
    TlsKeyOption,
    TlsNameOption,
    TlsOption,
    UntilStdinEndsOption,
)
from cryptex.cli.private_node import GO_ON
from cryptex.cli.profiles import named_data_dir
from cryptex.cli.simulated import SeedOption, simulated_by
from cryptex.cli.unlocking import KeyFileOption, PassphraseStdinOption, named, with_passphrase
from cryptex.client.errors import CryptexError
from cryptex.protocol.problems import Code, ExitCode
from cryptex.protocol.views import HealthView

if TYPE_CHECKING:
    from cryptex.node.settings import KeyFlags, Settings
    from cryptex.store.unlock import KeyWish

STOP_SECONDS_MAX: Final = 10.0
_READ_BYTES: Final = 4096


class TlsAsked(TypedDict):
    """What the flags of `node start` say about TLS."""

    tls: bool
    tls_names: Sequence[str]
    tls_certificate: Path | None
    tls_key: Path | None


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    node_app = typer.Typer(help="Start an exchange node here, check it, stop it.")
    group(node_app)(node)
    command(node_app, "start", example="cryptex node start --data-dir ~/cryptex-data --port 7070")(start)
    node_status.add_to(node_app)
    command(node_app, "stop", example="cryptex node stop --data-dir ~/cryptex-data")(stop)
    node_care.add_to(node_app)
    node_backup.add_to(node_app)
    node_key.add_to(node_app)
    node_audit.add_to(node_app)
    node_admin.add_to(node_app)
    app.add_typer(node_app, name="node", epilog="Example: cryptex node start")


def node(run: Run) -> None:
    """Start an exchange node here, check it, stop it."""
    run.help()


def start(
    run: Run,
    data_dir: DataDirOption = None,
    host: HostOption = None,
    port: PortOption = None,
    config: ConfigOption = None,
    scenario: ScenarioOption = None,
    seed: SeedOption = None,
    tls: TlsOption = False,
    tls_name: TlsNameOption = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    insecure: InsecureOption = False,
    repair: RepairOption = False,
    accept_journal: AcceptJournalOption = False,
    encryption: EncryptionOption = None,
    key: KeyKindOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
    until_stdin_ends: UntilStdinEndsOption = False,
) -> None:
    """Run a node in the foreground.

    It prints one ready line when it accepts connections; Ctrl-C or SIGTERM ends it.
    """
    from cryptex.node.serve import run as run_node
    from cryptex.node.settings import KeyFlags

    asked: TlsAsked = {"tls": tls, "tls_names": tls_name or (), "tls_certificate": tls_cert, "tls_key": tls_key}
    settings = _settings(
        run, data_dir, config, host, port, scenario, seed, asked, KeyFlags(encryption, key, named(key_file))
    )
    wish = _wish(settings, passphrase_stdin)
    settings, traders = simulated_by(settings, "--scenario" if scenario else "simulation.scenario")
    if traders is not None:
        about = traders.simulation
        run.out.note(f"Simulated traders: scenario {about.scenario}, seed {about.seed}.")
    if until_stdin_ends:
        Thread(target=_stop_when_stdin_ends, name="stdin", daemon=True).start()
    code = run_node(
        settings,
        as_json=run.out.is_json,
        insecure=insecure,
        repair=repair,
        accept_journal=accept_journal,
        companion=traders,
        unlock=lambda folder: _unlock(run, folder, wish),
        tell=lambda message: run.out.report(Fault(message, code=Code.UNAVAILABLE.value)),
    )
    if code:
        run.out.leave(code)


def _settings(
    run: Run,
    data_dir: Path | None,
    config: Path | None,
    host: str | None,
    port: int | None,
    scenario: str | None,
    seed: int | None,
    tls: TlsAsked,
    key: "KeyFlags",
) -> "Settings":
    """Return the settings of a node by flags, environment and file."""
    from cryptex.node.settings import load_settings
    from cryptex.node.settings_file import SettingsError

    profile = run.profile  # a misspelled one is refused, flag or not
    try:
        # A settings file is named for this very node, a profile is not: it counts where there is no such file.
        folder = data_dir if config else data_dir or named_data_dir(profile)
        return load_settings(
            config, os.environ, data_dir=folder, host=host, port=port, scenario=scenario, seed=seed, key=key, **tls
        )
    except SettingsError as error:
        raise Fault(str(error), suggestion="Correct the settings or the flag.") from None


def _wish(settings: "Settings", passphrase_stdin: bool) -> "KeyWish":
    """Return which key the folder is to have. Raises Fault where the folder can not be used."""
    from cryptex.node.start_words import unusable

    try:
        return with_passphrase(settings.data_dir, settings.key, passphrase_stdin)
    except OSError as error:
        raise node_care.refused(unusable(error, settings.data_dir), "") from None


def _unlock(run: Run, folder: Path, wish: "KeyWish") -> None:
    """Find or make the key of the folder, and say what its owner should know."""
    from cryptex.store.unlock import unlock

    said = unlock(folder, wish)
    if said is not None:
        run.out.note(said)


def _stop_when_stdin_ends() -> None:
    """End this node when the process that started it is gone, however that ended, unless it was told to go on."""
    stdin = sys.stdin.fileno()
    while said := os.read(stdin, _READ_BYTES):
        if said.decode("ascii", "replace").endswith(GO_ON):
            return
    os.kill(os.getpid(), signal.SIGTERM)


def stop(run: Run, data_dir: DataDirOption = None) -> None:
    """Stop the node of the data folder, and wait until it has ended."""
    folder = data_folder(run, data_dir)
    found = read_node_file(folder)
    if found is None:
        raise not_running(folder)
    if run.given.node and run.given.node.rstrip("/") != found.url:
        raise Fault(
            f"the node of {folder} is {found.url}, not {run.given.node}",
            suggestion="A node is stopped on its own machine: name its folder with --data-dir.",
        )
    try:  # a pid alone may belong to somebody else by now
        Door(found.url, trust=found.fingerprint).read("/health/live", HealthView)
    except CryptexError:
        if not is_alive(found.pid):
            raise not_running(folder) from None
        raise Fault(
            f"process {found.pid} is there but {found.url} does not answer",
            code=Code.UNAVAILABLE.value,
            suggestion="If it is the node, end it by hand: no acknowledged order is lost.",
            exit_code=ExitCode.UNREACHABLE,
        ) from None
    os.kill(found.pid, signal.SIGTERM)
    if not wait_until(lambda: not is_alive(found.pid) or read_node_file(folder) != found, STOP_SECONDS_MAX):
        raise Fault(
            f"the node has not ended within {STOP_SECONDS_MAX:.0f} s",
            code=Code.UNAVAILABLE.value,
            suggestion=f"It may still be stopping: process {found.pid}.",
            exit_code=ExitCode.UNREACHABLE,
        )
    run.out.fields([("stopped", found.url), ("pid", found.pid), ("data dir", str(folder))])
