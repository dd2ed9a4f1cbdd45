"""A whole exchange for one command: a private node, traders, a funded account, and the terminal on it."""

import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.door import Door
from cryptex.cli.environment import NODE_VARIABLE, TOKEN_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.output import Format
from cryptex.client.caller import market_path
from cryptex.client.errors import CryptexError, RefusedError
from cryptex.client.forms import deposit_fields
from cryptex.protocol.problems import Code
from cryptex.protocol.views import BalanceList, EntryView, HealthView, SessionView, TickerView, UserView

if TYPE_CHECKING:
    from cryptex.cli.demo_node import DemoNode

DEMO_USER: Final = "demo"
DEMO_MARKET: Final = "BTC-USDT"
DEMO_DEPOSIT: Final = ("BTC", "1")
SEED_DEFAULT: Final = 7
PASSWORD_NAME: Final = "demo.password"  # noqa: S105 (the name of a file)
PASSWORD_BYTES: Final = 24


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "demo", example="cryptex demo --seed 7")(demo)


def demo(
    run: Run,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="What the simulated traders do follows from it.")] = (
        SEED_DEFAULT
    ),
    no_tui: Annotated[
        bool, typer.Option("--no-tui", help="No terminal: say how to connect, and run till Ctrl-C.")
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", metavar="DIR", help="Keep the node's data here; else it is thrown away."),
    ] = None,
) -> None:
    """Try it: a private exchange and the terminal on it.

    A node of its own, two simulated traders, and an account `demo` with 100,000 USDT and 1 BTC.
    """
    if not no_tui:
        run.out.require_terminal("Elsewhere give --no-tui.")
    from cryptex.cli.demo_node import DemoNode

    with _folder(data_dir) as folder, DemoNode(folder) as node, _ended_by_signals():
        run.out.note("Starting a private node ...")
        ready = node.start()
        door = Door(ready.url)
        door.token = _open_account(door, folder)
        node.start_bots(ready.url, seed)
        _use(run, door, node, no_tui)
        said = _what_was_there(door)
        node.stop()
        kept = (
            f"It is kept in {folder}." if data_dir else "Its folder was temporary and is gone (--data-dir keeps one)."
        )
        run.out.note(f"The demo's node has stopped. {said}{kept}")


def _use(run: Run, door: Door, node: "DemoNode", no_tui: bool) -> None:
    """Show the terminal, or how to connect, until the person leaves."""
    if not no_tui:
        from cryptex.tui.app import run as run_terminal

        run_terminal(door.url, token=door.token, username=DEMO_USER, simulated=True)
        return
    if run.out.form is not Format.TABLE:
        run.out.fields([("url", door.url), ("username", DEMO_USER), ("token", door.token)])
    else:
        run.out.text(_how_to_connect(door))
    with suppress(KeyboardInterrupt):  # the way to leave
        node.wait()
        raise Fault("the demo's node has ended by itself", code=Code.UNAVAILABLE.value)


def _how_to_connect(door: Door) -> str:
    return (
        f"A node with simulated traders runs at {door.url}; you are {DEMO_USER}, with 100,000 USDT and 1 BTC.\n"
        "In another terminal (the token is for this node only):\n\n"
        f"  export {NODE_VARIABLE}={door.url}\n"
        f"  export {TOKEN_VARIABLE}={door.token}\n"
        f"  cryptex book {DEMO_MARKET}\n"
        f"  cryptex buy {DEMO_MARKET} 0.01\n"
        "  cryptex tui\n\n"
        "Ctrl-C ends it."
    )


def _open_account(door: Door, folder: Path) -> str:
    """Return a token of the demo's user, who is registered and funded the first time in a folder."""
    path = folder / PASSWORD_NAME
    password = _kept_password(path)
    credentials = {"username": DEMO_USER, "password": password}
    try:
        door.send("POST", "/users", UserView, {**credentials})
        is_new = True
    except RefusedError as error:
        if error.code is not Code.DUPLICATE_USER:
            raise
        is_new = False
    session = door.send("POST", "/sessions", SessionView, {**credentials}, changes=False).view
    if is_new:
        door.token = session.token
        door.send("POST", "/wallet/deposits", EntryView, deposit_fields(*DEMO_DEPOSIT, "demo"))
    return session.token


def _kept_password(path: Path) -> str:
    """Return the password that a folder keeps for its demo, which is a new one the first time."""
    if path.is_file():
        return path.read_text("ascii").strip()
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    path.touch(mode=0o600)
    path.write_text(password + "\n", "ascii")
    return password


def _what_was_there(door: Door) -> str:
    """Return the state of things in a sentence or two; nothing where the node does not answer any more."""
    try:
        commands = door.read("/health/ready", HealthView).view.sequence
        last = door.read(market_path(DEMO_MARKET, "ticker"), TickerView).view.last
        balances = door.read("/wallet", BalanceList).view.balances
    except CryptexError:
        return ""
    wallet = ", ".join(f"{each.balance} {each.asset}" for each in balances if each.balance.strip("0."))
    return f"Its journal held {commands} commands; {DEMO_MARKET} was last at {last}; you had {wallet}. "


@contextmanager
def _folder(named: Path | None) -> Iterator[Path]:
    """Give the named folder, or a temporary one that is removed afterwards."""
    if named is not None:
        yield named.expanduser().absolute()
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="cryptex-demo-") as folder:
        yield Path(folder)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Take a closed terminal and SIGTERM for Ctrl-C: the node must not outlive its demo."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [(name, signal.signal(name, interrupt)) for name in names]
    try:
        yield
    finally:
        for name, handler in before:
            signal.signal(name, handler)
