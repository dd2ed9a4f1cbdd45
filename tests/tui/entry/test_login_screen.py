"""The login: every way in, and every way in which it fails."""

import pytest
from textual.events import Key
from textual.widgets import Input

from cryptex.client.errors import AccessError, outcome_unknown, unreachable
from cryptex.protocol.problems import Code
from cryptex.tui.drawing.card import Hints
from cryptex.tui.drawing.choice import Choice
from cryptex.tui.entry.entrance import Entrance, KnownNode
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.entry.node_screen import NodeScreen
from tests.tui.entry.fakes import FakeLogins
from tests.tui.entry.steps import at_login, entering, log_in, told, trading
from tests.tui.fake_exchange import FakeExchange, refusal
from tests.tui.pilots import desk, type_text, until

HERE = KnownNode("http://127.0.0.1:7070")


async def test_wrong_password_is_said_and_can_be_corrected() -> None:
    exchange = FakeExchange()
    exchange.answers["login"] = [refusal(Code.BAD_CREDENTIALS, "username or password is wrong")]
    app = entering(exchange)
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await type_text(pilot, "alice")
        await pilot.press("enter")
        await type_text(pilot, "wrong")
        await pilot.press("enter")
        await until(pilot, lambda: "password is wrong" in told(app))
        await pilot.press("ctrl+u")
        await type_text(pilot, "right")
        await pilot.press("enter")
        await trading(pilot, app)
    assert exchange.called("login")[-1] == {"username": "alice", "password": "right"}


@pytest.mark.parametrize(
    ("typed", "missing"), [("", "username is missing"), ("alice", "password is missing")], ids=["both", "password"]
)
async def test_empty_fields_are_named(typed: str, missing: str) -> None:
    exchange = FakeExchange()
    app = entering(exchange)
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await type_text(pilot, typed)
        await pilot.press("f5")
        await until(pilot, lambda: missing in told(app))
    assert not exchange.called("login")


async def test_register_types_the_password_twice_then_logs_in() -> None:
    exchange = FakeExchange()
    app = entering(exchange, username="bob")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await pilot.press("ctrl+r")
        assert "8 to 128 characters" in told(app)
        for again in ("secret98", "secret99"):
            app.screen.query_one("#password", Input).value = "secret99"
            app.screen.query_one("#again", Input).value = ""
            await pilot.press("enter")
            await type_text(pilot, again)
            await pilot.press("enter")
            if again == "secret98":
                await until(pilot, lambda: "passwords differ" in told(app))
                assert not exchange.called("register")
                app.screen.query_one("#password", Input).focus()
        await trading(pilot, app)
    assert exchange.called("register") == [{"username": "bob", "password": "secret99"}]


async def _register(exchange: FakeExchange, expected: str) -> None:
    app = entering(exchange, username="bob")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await pilot.press("ctrl+r")
        for name in ("password", "again"):
            app.screen.query_one(f"#{name}", Input).value = "secret99"
        await pilot.press("f5")
        await until(pilot, lambda: expected in told(app))
        assert app.screen.query_one("#username", Input).value == "bob"
    assert not exchange.called("login")


async def test_taken_name_is_said() -> None:
    exchange = FakeExchange()
    exchange.answers["register"] = [refusal(Code.DUPLICATE_USER, "bob is taken")]
    await _register(exchange, "bob is taken")


async def test_weak_password_is_said() -> None:
    exchange = FakeExchange()
    exchange.answers["register"] = [refusal(Code.WEAK_PASSWORD, "a password has 8 to 128 characters")]
    await _register(exchange, "a password has 8 to 128 characters")


async def test_a_registration_whose_answer_was_lost_says_how_to_find_out() -> None:
    exchange = FakeExchange()
    exchange.answers["register"] = [outcome_unknown("no answer to POST /users")]
    await _register(exchange, "you may be registered. Log in to find out")


async def test_a_node_that_stops_answering_is_said_and_can_be_tried_again() -> None:
    exchange = FakeExchange()
    exchange.answers["login"] = [unreachable("cannot reach the node at 127.0.0.1:7070: refused")]
    app = entering(exchange, username="alice")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await type_text(pilot, "secret99")
        await pilot.press("enter")
        await until(pilot, lambda: "cannot reach the node at 127.0.0.1:7070" in told(app))
        await pilot.press("f5")
        await trading(pilot, app)


async def test_refused_token_asks_for_the_password() -> None:
    exchange = FakeExchange()
    exchange.answers["connect"] = [refusal(Code.UNAUTHENTICATED, "the session has ended")]
    app = entering(exchange, token="old", username="alice")
    async with app.run_test() as pilot:
        await until(pilot, lambda: told(app) == "the session has ended. Log in again.")
        assert app.screen.query_one("#username", Input).value == "alice"
        await log_in(pilot, app)


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
    app = entering(exchange, username="alice")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await type_text(pilot, "secret99")
        await pilot.press("enter")
        await until(pilot, lambda: "[red]no[/red] [link=x]" in told(app))
        assert "\x1b" not in told(app)


async def test_keys_in_one_burst_go_where_they_belong() -> None:
    exchange = FakeExchange()
    app = entering(exchange)
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await pilot.press("ctrl+r")
        for key in (*"bob", "enter", *"secret99", "tab", *"secret99", "enter"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await trading(pilot, app)
    assert exchange.called("register") == [{"username": "bob", "password": "secret99"}]


async def test_a_login_is_kept_and_its_owner_told_where() -> None:
    logins = FakeLogins(said="There is no keyring here: the token is kept in /home/alice/t.json.")
    app = entering(FakeExchange(), Entrance(logins=logins))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await until(pilot, lambda: bool(app._notifications))
        (notice,) = app._notifications
        assert notice.message == logins.said
    assert logins.kept == {HERE: "token"}


async def test_a_login_that_can_not_be_kept_is_said_and_goes_on() -> None:
    app = entering(FakeExchange(), Entrance(logins=FakeLogins(fails=True)))
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await until(pilot, lambda: bool(app._notifications))
        (notice,) = app._notifications
        assert "the disk is full" in notice.message


async def test_a_kept_login_needs_no_password() -> None:
    exchange = FakeExchange()
    app = entering(exchange, Entrance(logins=FakeLogins({HERE: "kept"})))
    async with app.run_test() as pilot:
        await trading(pilot, app)
    assert exchange.called("use_token") == [{"token": "kept"}]


async def test_an_address_that_others_can_listen_to_is_said() -> None:
    app = entering(FakeExchange("http://exchange.example"))
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        assert "others on the way can read the password" in told(app)


async def test_the_mouse_does_all_of_it() -> None:
    exchange = FakeExchange()
    app = entering(exchange, username="bob")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await pilot.click(Choice, offset=(12, 0))
        assert isinstance(app.screen, LoginScreen)
        assert app.screen.registering
        await pilot.click(Hints, offset=(16, 0))
        await pilot.pause()
        assert not app.screen.registering
        await pilot.click("#password")
        await type_text(pilot, "secret99")
        await pilot.click(Hints, offset=(2, 0))
        await trading(pilot, app)


async def test_a_fixed_terminal_offers_no_other_node() -> None:
    app = entering(FakeExchange(), Entrance(fixed=True))
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await pilot.press("ctrl+n")
        await pilot.pause()
        assert not isinstance(app.screen, NodeScreen)
        assert "node" not in app.screen.query_one(Hints).render_line(0).text


async def test_a_second_factor_is_asked_for_when_the_node_wants_it() -> None:
    exchange = FakeExchange()
    exchange.answers["login"] = [
        refusal(Code.SECOND_FACTOR_REQUIRED, "give the code as well"),
        refusal(Code.BAD_CODE, "this code is wrong, too old, or was used before"),
    ]
    app = entering(exchange, username="alice")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await type_text(pilot, "password")
        await pilot.press("enter")
        await until(pilot, lambda: "needs a code" in told(app))
        await pilot.press("enter")
        await until(pilot, lambda: "code is missing" in told(app))
        await type_text(pilot, "111111")
        await pilot.press("enter")
        await until(pilot, lambda: "used before" in told(app))
        await type_text(pilot, "222222")
        await pilot.press("enter")
        await trading(pilot, app)
    given = {"username": "alice", "password": "password"}
    assert exchange.called("login") == [given, {**given, "code": "111111"}, {**given, "code": "222222"}]


async def test_another_name_is_not_asked_for_a_code_at_first() -> None:
    exchange = FakeExchange()
    exchange.answers["login"] = [refusal(Code.SECOND_FACTOR_REQUIRED, "give the code as well")]
    app = entering(exchange, username="alice")
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await type_text(pilot, "password")
        await pilot.press("enter")
        await until(pilot, lambda: "needs a code" in told(app))
        app.screen.query_one("#username", Input).value = "bob"
        await until(pilot, lambda: not app.screen.has_class("coded"))
        app.screen.query_one("#password", Input).focus()
        await pilot.press("enter")
        await trading(pilot, app)
    assert exchange.called("login")[-1] == {"username": "bob", "password": "password"}
