"""The login screen: every way in, and every way in which it fails."""

from textual.widgets import Input

from cryptex.client.errors import AccessError, unreachable
from cryptex.protocol.problems import Code
from cryptex.tui.app import CryptexTerminal
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.fake_exchange import FakeExchange, refusal
from tests.tui.pilots import desk, type_text, until
from tests.tui.scenes import terminal


def told(app: CryptexTerminal) -> str:
    return str(app.screen.query_one("#told").render())


async def test_wrong_password_is_said_and_can_be_corrected() -> None:
    exchange = FakeExchange()
    exchange.answers["login"] = [refusal(Code.BAD_CREDENTIALS, "username or password is wrong")]
    app = terminal(exchange, token=None)
    async with app.run_test() as pilot:
        await type_text(pilot, "alice")
        await pilot.press("enter")
        await type_text(pilot, "wrong")
        await pilot.press("enter")
        await until(pilot, lambda: "password is wrong" in told(app))
        await pilot.press("ctrl+u")
        await type_text(pilot, "right")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TradingScreen))
    assert exchange.called("login")[-1] == {"username": "alice", "password": "right"}


async def test_empty_fields_are_named() -> None:
    exchange = FakeExchange()
    app = terminal(exchange, token=None, username="alice")
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "password is missing" in told(app))
    assert not exchange.called("login")


async def test_register_then_login() -> None:
    exchange = FakeExchange()
    app = terminal(exchange, token=None, username="bob")
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r")
        assert "8-128" in told(app)
        await type_text(pilot, "secret99")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TradingScreen))
    assert exchange.called("register") == [{"username": "bob", "password": "secret99"}]


async def test_taken_name_is_said() -> None:
    exchange = FakeExchange()
    exchange.answers["register"] = [refusal(Code.DUPLICATE_USER, "bob is taken")]
    app = terminal(exchange, token=None, username="bob")
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r")
        await type_text(pilot, "secret99")
        await pilot.press("enter")
        await until(pilot, lambda: "bob is taken" in told(app))
    assert not exchange.called("login")


async def test_unreachable_node_can_be_retried() -> None:
    exchange = FakeExchange()
    exchange.answers["connect"] = [unreachable("connection refused")]
    app = terminal(exchange)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "cannot reach the node at http://127.0.0.1:7070" in told(app))
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, TradingScreen))


async def test_refused_token_asks_for_the_password() -> None:
    exchange = FakeExchange()
    exchange.answers["connect"] = [refusal(Code.UNAUTHENTICATED, "the session has ended")]
    app = terminal(exchange, username="alice")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "the session has ended" in told(app))
        assert app.screen.query_one("#username", Input).value == "alice"
        await type_text(pilot, "secret99")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TradingScreen))


async def test_ended_session_leads_back_to_login() -> None:
    async with desk() as on:
        error = refusal(Code.UNAUTHENTICATED, "expired")
        assert isinstance(error, AccessError)
        on.exchange.error = error
        await on.exchange.close()
        await on.frame()
        await until(on.pilot, lambda: isinstance(on.app.screen, LoginScreen))
        await on.pilot.pause()
        assert "session has ended" in told(on.app)


async def test_server_text_is_never_markup() -> None:
    exchange = FakeExchange()
    exchange.answers["login"] = [refusal(Code.BAD_CREDENTIALS, "[red]no[/red] [link=x]\x1b[2J")]
    app = terminal(exchange, token=None, username="alice")
    async with app.run_test() as pilot:
        await type_text(pilot, "secret99")
        await pilot.press("enter")
        await until(pilot, lambda: "[red]no[/red] [link=x]" in told(app))
        assert "\x1b" not in told(app)
