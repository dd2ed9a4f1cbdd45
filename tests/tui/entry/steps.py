"""Steps that the tests of coming and going share."""

from textual.pilot import Pilot
from textual.widgets import Input

from cryptex.client.errors import outcome_unknown
from cryptex.protocol.problems import Code
from cryptex.tui.app import CryptexTerminal
from cryptex.tui.drawing.words import Words
from cryptex.tui.entry.entrance import Entrance
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.entry.node_screen import NodeScreen
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.fake_exchange import FakeExchange, refusal
from tests.tui.pilots import type_text, until
from tests.tui.scenes import terminal


class Dialed:
    """Makes exchanges of other addresses, and keeps them."""

    def __init__(self, **known: FakeExchange) -> None:
        self.exchanges: dict[str, FakeExchange] = {exchange.url: exchange for exchange in known.values()}

    def __call__(self, url: str) -> FakeExchange:
        return self.exchanges.setdefault(url, FakeExchange(url))


def entering(
    exchange: FakeExchange, entrance: Entrance | None = None, dial: Dialed | None = None, **given: object
) -> CryptexTerminal:
    """Return a terminal on which nobody is logged in."""
    return terminal(exchange, **{"token": None, "entrance": entrance, "dial": dial or Dialed(), **given})


def told(app: CryptexTerminal) -> str:
    """Return what the screen says."""
    found = app.screen.query("#told")
    return found.first(Words).text if found else ""


async def at_login(pilot: Pilot[None], app: CryptexTerminal) -> None:
    """Wait until the login takes input."""
    await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.screen.is_mounted and not app.screen.busy)


async def at_nodes(pilot: Pilot[None], app: CryptexTerminal) -> None:
    """Wait until the choice of nodes takes input."""
    await until(pilot, lambda: isinstance(app.screen, NodeScreen) and bool(told(app)) and not app.screen.busy)


async def trading(pilot: Pilot[None], app: CryptexTerminal) -> None:
    """Wait for the trading screen, and a market on it."""
    await until(pilot, lambda: isinstance(app.screen, TradingScreen) and bool(app.screen.model.market))
    await pilot.pause()


async def log_in(pilot: Pilot[None], app: CryptexTerminal, username: str = "alice") -> None:
    """Fill in the login and send it."""
    await at_login(pilot, app)
    app.screen.query_one("#username", Input).value = username
    app.screen.query_one("#password", Input).focus()
    await type_text(pilot, "secret99")
    await pilot.press("enter")
    await trading(pilot, app)


async def lose_an_answer(pilot: Pilot[None], app: CryptexTerminal, exchange: FakeExchange) -> TradingScreen:
    """Send an order whose reply is lost, and that cannot be asked for."""
    exchange.answers["place_order"] = [outcome_unknown("no reply")]
    exchange.answers["order"] = [refusal(Code.FORBIDDEN, "no")]
    screen = app.screen
    assert isinstance(screen, TradingScreen)
    await pilot.press("b", *"61200", "tab", *"1", "enter", "y")  # it asks: there is no book
    await until(pilot, lambda: bool(screen.farewell.flights) and not exchange.answers["order"])
    return screen
