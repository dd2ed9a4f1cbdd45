"""Coming and going: logging out, and leaving a node that was started here."""

import asyncio

import pytest
from textual.widgets import Input

from cryptex.client.errors import outcome_unknown, unreachable
from cryptex.client.models import Health, Session
from cryptex.tui.drawing.menu import Menu
from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.entrance import Entrance, KnownNode
from cryptex.tui.entry.entry_app import SessionEnded
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.entry.node_screen import NodeScreen
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.entry.fakes import FakeLogins
from tests.tui.entry.steps import Dialed, at_login, at_nodes, entering, log_in, lose_an_answer, told, trading
from tests.tui.fake_exchange import LATER, MOMENT, FakeExchange, order_view
from tests.tui.pilots import burst, until

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


@pytest.mark.parametrize("keys", ["lul", "ll", "lulul", "luuu", "lun1", "lq", "lD", "lb1"])
async def test_whatever_is_typed_behind_a_logout_it_is_one(keys: str) -> None:
    exchange, logins = FakeExchange(), FakeLogins()
    app = entering(exchange, Entrance(nodes=(KnownNode("http://10.0.0.5:7070"),), logins=logins))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen) and app.screen.focused is not None)
        burst(app, *keys)
        await at_login(pilot, app)
        await pilot.pause()
        assert "alice is logged out." in told(app)
        assert [type(screen) for screen in app.screen_stack[1:]] == [LoginScreen]
    assert len(exchange.called("logout")) == 1
    assert logins.kept == {}


async def test_a_logout_leaves_the_trading_screen_before_the_node_answers_and_nothing_interrupts_it() -> None:
    exchange, logins, gate = FakeExchange(), FakeLogins(), asyncio.Event()

    async def slow() -> None:
        await gate.wait()
        exchange.calls.append(("logout", {}))

    exchange.logout = slow  # type: ignore[method-assign]
    app = entering(exchange, Entrance(nodes=(KnownNode("http://10.0.0.5:7070"),), logins=logins))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u", "l")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and "logging out" in told(app))
        burst(app, "ctrl+n", "1", "enter", "enter", "f5", "escape")
        app.post_message(SessionEnded("the session has ended"))
        await pilot.pause()
        assert "logging out" in told(app)
        assert logins.kept == {}
        gate.set()
        await at_login(pilot, app)
        assert "alice is logged out." in told(app)
    assert exchange.called("logout") == [{}]


async def test_a_login_that_can_not_be_forgotten_is_said() -> None:
    logins = FakeLogins()
    app = entering(FakeExchange(), Entrance(logins=logins))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await until(pilot, lambda: bool(logins.kept))
        logins.fails = True
        await pilot.press("u", "l")
        await at_login(pilot, app)
        assert "This login is still kept here: the disk is full." in told(app)


async def test_the_way_to_another_node_is_gone_once() -> None:
    app = entering(FakeExchange(), Entrance(nodes=(KnownNode("http://10.0.0.5:7070"),)))
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        burst(app, "ctrl+n", "ctrl+n", "ctrl+n")
        await at_nodes(pilot, app)
        assert [type(screen) for screen in app.screen_stack[1:]] == [LoginScreen, NodeScreen]
        burst(app, "escape", "escape", "escape")
        await at_login(pilot, app)
        assert [type(screen) for screen in app.screen_stack[1:]] == [LoginScreen]


async def test_who_goes_back_is_not_taken_to_the_other_node_later() -> None:
    other, gate = FakeExchange("http://10.0.0.5:7070"), asyncio.Event()

    async def slow() -> Health:
        await gate.wait()
        return Health("ready", 1, 1, "0.1.0", None)

    other.health = slow  # type: ignore[method-assign]
    app = entering(FakeExchange(), Entrance(nodes=(KnownNode(other.url),)), Dialed(other=other))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u", "n")
        await at_nodes(pilot, app)
        await pilot.press("1", "escape")
        await trading(pilot, app)
        gate.set()
        await until(pilot, lambda: other.closed == 1)
        assert isinstance(app.screen, TradingScreen)
        assert app.node == HERE


async def test_who_comes_back_to_a_node_that_has_not_answered_waits_for_it_again() -> None:
    exchange, gate = FakeExchange(), asyncio.Event()

    async def slow() -> Health:
        await gate.wait()
        return Health("ready", 1, 1, "0.1.0", None)

    exchange.health = slow  # type: ignore[method-assign]
    other = FakeExchange("http://10.0.0.5:7070")
    other.answers["health"] = [unreachable("refused")]
    app = entering(exchange, Entrance(nodes=(KnownNode(other.url),)), Dialed(other=other))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "asking" in told(app))
        await pilot.press("ctrl+n")
        await at_nodes(pilot, app)
        await pilot.press("1")
        await until(pilot, lambda: "refused" in told(app).lower())
        await pilot.press("escape")
        gate.set()
        await at_login(pilot, app)
        assert app.node == HERE


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


async def test_a_logout_without_an_answer_is_said_in_words() -> None:
    exchange = FakeExchange()
    exchange.answers["logout"] = [outcome_unknown("no answer to DELETE /sessions/current: timed out")]
    app = entering(exchange)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u", "l")
        await at_login(pilot, app)
        assert told(app) == "Logged out here. The node did not answer, and the session may last till it expires."


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


async def test_an_order_without_an_answer_is_asked_for_by_who_comes_back_and_by_nobody_else() -> None:
    exchange = FakeExchange()
    app = entering(exchange)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await lose_an_answer(pilot, app, exchange)
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
