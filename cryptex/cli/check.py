"""`cryptex check`: what works between here and the node, what does not, and what to do about it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import msgspec
import typer

from cryptex import __version__
from cryptex.cli.common import Run, command
from cryptex.cli.environment import NODE_VARIABLE, TOKEN_VARIABLE
from cryptex.cli.faults import Fault, fault_of
from cryptex.cli.folders import data_folder, is_alive, read_node_file
from cryptex.cli.profiles import profiles_path
from cryptex.cli.sheets import Sheet
from cryptex.cli.table import Cell, Column, Style
from cryptex.client.errors import CryptexError
from cryptex.protocol.problems import ExitCode
from cryptex.protocol.views import HealthView, MeView

PINGS: Final = 5
LATENCY_MS_MAX: Final = 500
SKEW_SECONDS_MAX: Final = 2.0
FREE_BYTES_MIN: Final = 1 << 30

_SHEET: Final = Sheet(("check", "status", "detail", "suggestion"), "checks")
_STYLES: Final = {"ok": Style.BUY, "note": Style.DIM, "bad": Style.SELL}


class Result(msgspec.Struct, frozen=True):
    """What became of one check. `status`: ok, note (works, and worth knowing) or bad."""

    check: str
    status: str
    detail: str
    suggestion: str = ""


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "check", example="cryptex check -o json")(check)


def check(run: Run) -> None:
    """Check what works from here to the node.

    The connection, the clock, the login, the keyring and the data folder: what does not work, and what to do about it.
    Exit code 3 where the node cannot be used, 4 where the login does not hold.
    """
    results = [_version(), _profile(run)]
    failed: Fault | None = None
    try:
        results += _node(run)
    except (CryptexError, Fault) as error:
        failed = fault_of(error) if isinstance(error, CryptexError) else error
        results.append(Result("node", "bad", f"{run.url}: {failed.message}", failed.suggestion))
    else:
        login = _login(run)
        results.append(login)
        if login.status == "bad":
            failed = Fault(login.detail, exit_code=ExitCode.NOT_ALLOWED)
    results += [_keyring(), _data_folder(run)]
    columns = (Column("CHECK"), Column("STATUS"), Column("DETAIL"))
    rows = [(each.check, Cell(each.status, _STYLES[each.status]), each.detail) for each in results]
    data = msgspec.json.encode({"checks": results})
    run.out.answer(data, _SHEET, lambda: run.out.table(columns, rows))
    if run.out.form == "table":
        for each in results:
            if each.suggestion:
                run.out.note(f"{each.check}: {each.suggestion}")
    if failed is not None:
        run.out.leave(failed.exit_code)


def _version() -> Result:
    python = ".".join(map(str, sys.version_info[:3]))
    return Result("version", "ok", f"cryptex {__version__}, Python {python}")


def _profile(run: Run) -> Result:
    if run.given.node:
        source = "by --node"
    elif os.environ.get(NODE_VARIABLE):
        source = f"by {NODE_VARIABLE}"
    else:
        source = f"by {profiles_path()}" if profiles_path().is_file() else "by default"
    return Result("profile", "ok", f"{run.profile}; the node is {run.url}, {source}")


def _node(run: Run) -> Iterator[Result]:
    """Yield what the node says of itself and how far away it is. Raises CryptexError where it cannot be used."""
    door = run.door()
    health = door.read("/health/ready", HealthView).view
    yield Result("node", "ok", f"{health.status} at {run.url}, epoch {health.epoch}, sequence {health.sequence}")
    if health.version == __version__:
        yield Result("node version", "ok", health.version)
    else:
        suggestion = "Use the same version on both sides where something looks odd."
        yield Result("node version", "note", f"{health.version}, and this is {__version__}", suggestion)
    times_ms: list[float] = []
    for _ in range(PINGS):
        begin = perf_counter()
        door.read("/health/live", HealthView)
        times_ms.append((perf_counter() - begin) * 1000)
    slow = median(times_ms) > LATENCY_MS_MAX
    suggestion = "The way to the node is slow; orders will take as long." if slow else ""
    yield Result("latency", "note" if slow else "ok", f"{median(times_ms):.1f} ms over REST (median)", suggestion)
    yield from _websocket(run)


def _websocket(run: Run) -> Iterator[Result]:
    """Yield whether the websocket works, and how far the clocks are apart."""
    from cryptex.cli.probe import probe

    seen = probe(run.url, None if run.trust is None else run.trust.context())
    yield Result("websocket", "ok", f"a ping takes {seen.latency_ms:.1f} ms")
    skewed = abs(seen.skew_s) > SKEW_SECONDS_MAX
    suggestion = "Set this machine's clock, or the node's: --expires is judged by the node's." if skewed else ""
    yield Result("clock", "note" if skewed else "ok", f"this clock is {seen.skew_s:+.3f} s off the node's", suggestion)


def _login(run: Run) -> Result:
    try:
        me = run.own_door().read("/users/me", MeView).view
    except Fault as fault:
        return Result("login", "note", fault.message, fault.suggestion)
    except CryptexError as error:
        refused = fault_of(error)
        return Result("login", "bad", refused.message, refused.suggestion)
    source = f", token from {TOKEN_VARIABLE}" if os.environ.get(TOKEN_VARIABLE) else ""
    return Result("login", "ok", f"{me.username} may {', '.join(me.scopes)}{source}")


def _keyring() -> Result:
    from cryptex.keyrings import system_keyring

    backend = system_keyring()
    if backend is not None:
        return Result("keyring", "ok", f"tokens are kept in {type(backend).__module__.rpartition('.')[2]}")
    return Result("keyring", "note", "there is none: tokens are kept in files that only you can read")


def _data_folder(run: Run) -> Result:
    folder = data_folder(run, None)
    if not folder.is_dir():
        return Result("data folder", "note", f"{folder} is not there yet", "`cryptex node start` makes it.")
    found = read_node_file(folder)
    state = f"its node is {found.url}" if found is not None and is_alive(found.pid) else "no node is running in it"
    trouble, suggestion = _trouble(folder)
    detail = f"{folder}: {state}{trouble}"
    return Result("data folder", "note" if suggestion else "ok", detail, suggestion)


def _trouble(folder: Path) -> tuple[str, str]:
    """Return what is wrong with a folder and what to do; nothing where all is well."""
    import shutil

    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return "; it cannot be written", "Make it yours, or name another with CRYPTEX_DATA_DIR."
    if os.name != "nt" and folder.stat().st_mode & 0o077:
        return "; others can look into it", f"chmod 700 {folder}"
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES_MIN:
        return f"; {free >> 20} MiB are free", "Make room: a node without it refuses orders."
    return "", ""
