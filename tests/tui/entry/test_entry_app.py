"""Coming and going: logging out, and leaving a node that was started here."""

import asyncio

from textual.pilot import Pilot
from textual.widgets import Input

from cryptex.client.errors import outcome_unknown, unreachable
from cryptex.client.models import Session
from cryptex.protocol.problems import Code
from cryptex.tui.app import CryptexTerminal
from cryptex.tui.drawing.menu import Menu
from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.entrance import Entrance, KnownNode
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.entry.fakes import FakeLogins, FakeNode
from tests.tui.entry.steps import Dialed, at_login, at_nodes, entering, log_in, told, trading
from tests.tui.fake_exchange import LATER, MOMENT, FakeExchange, order_view, refusal
from tests.tui.pilots import until

HERE = KnownNode("http://127.0.0.1:7070")


async def test_logging_out_ends_the_session_and_forgets_it() -> None:
    exchange, logins = FakeExchange(), FakeLogins()
    app = entering(exchange, Entrance(logins=logins))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await until(pilot, lambda: bool(logins.kept))
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        assert told(app) == "You are alice at http://127.0.0.1:7070."
        await pilot.press("l")
        await at_login(pilot, app)
        assert "alice is logged out. Open orders stay open." in told(app)
        assert len(exchange.called("logout")) == 1
        assert logins.kept == {}
        await log_in(pilot, app)


async def test_a_logout_that_the_node_does_not_hear_is_said() -> None:
    exchange = FakeExchange()
    exchange.answers["logout"] = [unreachable("cannot reach the node")]
    logins = FakeLogins()
    app = entering(exchange, Entrance(logins=logins))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u", "l")
        await at_login(pilot, app)
        assert "The node did not hear of it" in told(app)
    assert logins.kept == {}


async def test_a_given_token_is_nobodys_kept_login() -> None:
    logins = FakeLogins({HERE: "another"})
    app = entering(FakeExchange(), Entrance(logins=logins), token="given")
    async with app.run_test() as pilot:
        await trading(pilot, app)
        await pilot.press("u", "l")
        await at_login(pilot, app)
    assert logins.kept == {HERE: "another"}


async def test_escape_goes_on_trading() -> None:
    app = entering(FakeExchange())
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u", "escape")
        await trading(pilot, app)


async def _leave(keys: list[str]) -> FakeNode:
    exchange = FakeExchange()
    exchange.answers["health"] = [unreachable("refused")]
    here = FakeNode(is_new=False)
    app = entering(exchange, Entrance(local_node=here))
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        await pilot.press("s")
        await log_in(pilot, app)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        assert "still runs at http://127.0.0.1:7070" in told(app)
        await pilot.press(*keys)
        await until(pilot, lambda: app._exit)
    return here


async def test_a_node_that_was_started_here_is_stopped_if_wanted() -> None:
    assert (await _leave(["s"])).done == ["started with traders", "stopped"]


async def test_a_node_that_was_started_here_goes_on_if_wanted() -> None:
    assert (await _leave(["k"])).done == ["started with traders", "let go on"]


async def test_one_may_stay() -> None:
    assert (await _leave(["escape", "q", "down", "enter"])).done == ["started with traders", "let go on"]


async def _lose_an_answer(pilot: Pilot[None], app: CryptexTerminal, exchange: FakeExchange) -> TradingScreen:
    """Send an order whose reply is lost, and that cannot be asked for."""
    exchange.answers["place_order"] = [outcome_unknown("no reply")]
    exchange.answers["order"] = [refusal(Code.FORBIDDEN, "no")]
    screen = app.screen
    assert isinstance(screen, TradingScreen)
    await pilot.press("b", *"61200", "tab", *"1", "enter", "y")  # it asks: there is no book
    await until(pilot, lambda: bool(screen.farewell.flights) and not exchange.answers["order"])
    return screen


async def test_leaving_asks_while_an_order_has_no_answer() -> None:
    exchange = FakeExchange()
    app = entering(exchange)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await _lose_an_answer(pilot, app, exchange)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        assert "What became of an order that you sent is not known yet." in told(app)
        await pilot.press("escape")
        await trading(pilot, app)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        await pilot.press("l")
        await until(pilot, lambda: app._exit)


async def test_an_order_without_an_answer_is_asked_for_by_who_comes_back_and_by_nobody_else() -> None:
    exchange = FakeExchange()
    app = entering(exchange)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await _lose_an_answer(pilot, app, exchange)
        key = exchange.called("place_order")[0]["client_order_id"]
        await pilot.press("u", "l")
        await at_login(pilot, app)
        assert "What became of an order that you sent is not known yet." in told(app)
        await log_in(pilot, app, "bob")
        assert app.screen.farewell.flights == ()  # type: ignore[attr-defined]
        await pilot.press("u", "l")
        exchange.answers["order"] = [order_view(77, "buy", "61200.00", "1.00000", client_order_id=key, sequence=LATER)]
        await log_in(pilot, app)
        screen = app.screen
        assert isinstance(screen, TradingScreen)
        await until(pilot, lambda: any("open #77" in note.text for note in screen.model.activity))
        assert exchange.called("order")[-1]["client_order_id"] == key
        assert screen.farewell.flights == ()


async def test_what_is_said_of_open_orders_follows_the_switches() -> None:
    app = entering(FakeExchange())
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("M", "u")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        assert "within 60 s" in app.screen.query_one(Menu).offers[-1].note
        await pilot.press("l")
        await at_login(pilot, app)
        assert "The dead man's switch cancels all open orders within 60 s." in told(app)


async def test_a_token_is_kept_for_the_node_that_gave_it() -> None:
    logins, other = FakeLogins(), KnownNode("http://10.0.0.5:7070", "work")
    app = entering(FakeExchange(), Entrance(nodes=(other,), logins=logins), Dialed(), profile="default")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        late = LoginScreen.Entered(app.exchange, "alice", "token of here")
        await pilot.press("ctrl+n", "1")
        await until(pilot, lambda: app.node == other)
        await at_login(pilot, app)
        app.screen.post_message(late)
        await pilot.pause()
        assert isinstance(app.screen, LoginScreen)
        assert logins.kept == {}


async def test_no_other_node_is_chosen_while_a_login_is_under_way() -> None:
    exchange = FakeExchange()
    app = entering(exchange, Entrance(nodes=(KnownNode("http://10.0.0.5:7070"),)))
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        gate = asyncio.Event()

        async def slow(username: str, password: str, _code: str | None) -> Session:
            await gate.wait()
            return Session("token", 1, username, MOMENT)

        exchange.login = slow  # type: ignore[method-assign]
        app.screen.query_one("#username", Input).value = "alice"
        app.screen.query_one("#password", Input).value = "secret99"
        await pilot.press("f5", "ctrl+n")
        await pilot.pause()
        assert isinstance(app.screen, LoginScreen)
        gate.set()
        await trading(pilot, app)
