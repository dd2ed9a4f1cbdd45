"""Where no node answers, and how one goes to another: by key, by mouse, by address; nothing is lost by trying."""

import pytest
from textual.widgets import Input

from cryptex.client.errors import CryptexError, unreachable
from cryptex.protocol.problems import Code
from cryptex.tui.drawing.menu import Menu
from cryptex.tui.drawing.words import Words
from cryptex.tui.entry.entrance import Entrance, KnownNode
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.entry.node_screen import NodeScreen, address_of
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.entry.fakes import FakeLogins, FakeNode
from tests.tui.entry.steps import Dialed, at_login, at_nodes, entering, log_in, told, trading
from tests.tui.fake_exchange import FakeExchange, refusal
from tests.tui.pilots import until

HERE = KnownNode("http://127.0.0.1:7070", "default")
WORK = KnownNode("https://exchange.example", "work")


def silent(url: str = HERE.url) -> FakeExchange:
    """Return an exchange whose node does not answer the first time."""
    exchange = FakeExchange(url)
    exchange.answers["health"] = [unreachable("cannot reach the node at 127.0.0.1:7070: Connection refused")]
    return exchange


async def test_no_node_is_said_and_can_be_tried_again() -> None:
    exchange = silent()
    app = entering(exchange, dial=Dialed(here=FakeExchange()))
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        assert "Cannot reach the node at 127.0.0.1:7070: Connection refused" in told(app)
        await pilot.press("f5")
        await at_login(pilot, app)


async def test_another_server_is_told_apart_from_none() -> None:
    exchange = FakeExchange()
    exchange.answers["health"] = [refusal(Code.NOT_FOUND, "there is nothing at /health/ready")]
    app = entering(exchange)
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        assert "answers, but not as a node that this terminal can use" in told(app)


@pytest.mark.parametrize(("key", "done"), [("s", "started with traders"), ("e", "started")])
async def test_a_node_is_started_here_and_one_registers_with_it(key: str, done: str) -> None:
    here = FakeNode()
    app = entering(silent(), Entrance(local_node=here), username="alice")
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        await pilot.press(key)
        await at_login(pilot, app)
        assert f"A node of your own runs at {here.url}" in told(app)
        assert app.screen.query_one("#username", Input).value == ""
        assert isinstance(app.screen, LoginScreen)
        assert app.screen.registering
    assert here.done == [done]


async def test_a_node_of_before_asks_for_the_login_of_before() -> None:
    app = entering(silent(), Entrance(local_node=FakeNode(is_new=False)), username="alice")
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        await pilot.press("s")
        await at_login(pilot, app)
        assert app.screen.query_one("#username", Input).value == "alice"
        assert isinstance(app.screen, LoginScreen)
        assert not app.screen.registering


async def test_a_node_that_does_not_start_says_why() -> None:
    app = entering(silent(), Entrance(local_node=FakeNode(fails="the port 7070 is taken")))
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        await pilot.press("s")
        await until(pilot, lambda: "the port 7070 is taken" in told(app))
        await at_nodes(pilot, app)


async def test_without_a_node_to_start_none_is_offered() -> None:
    app = entering(silent())
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        assert [offer.name for offer in app.screen.query_one(Menu).offers] == ["retry"]


async def test_a_typed_address_is_checked_before_anything_is_left() -> None:
    dialed = Dialed(wrong=silent("http://wrong.example"), right=FakeExchange("http://right.example:8080"))
    old = FakeExchange()
    app = entering(old, dial=dialed)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u", "n")
        await at_nodes(pilot, app)
        field = app.screen.query_one("#address", Input)
        field.focus()
        for typed, said in (("ftp://x", "address looks like"), ("wrong.example/", "Cannot reach the node")):
            field.value = typed
            await pilot.press("enter")
            await until(pilot, lambda said=said: said in told(app))  # type: ignore[misc]
            assert old.state == "live"
        await pilot.press("escape")
        await trading(pilot, app)
        await pilot.press("u", "n")
        await at_nodes(pilot, app)
        app.screen.query_one("#address", Input).focus()
        app.screen.query_one("#address", Input).value = "right.example:8080"
        await pilot.press("enter")
        await at_login(pilot, app)
        await until(pilot, lambda: old.state == "closed")
        await log_in(pilot, app)
        assert app.exchange is dialed.exchanges["http://right.example:8080"]


async def test_a_profile_with_a_kept_login_is_one_key_away() -> None:
    logins = FakeLogins({WORK: "of work"})
    dialed = Dialed()
    entrance = Entrance(nodes=(HERE, WORK), logins=logins)
    app = entering(FakeExchange(), entrance, dialed, profile="default")
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await pilot.press("u", "n")
        await at_nodes(pilot, app)
        assert [offer.note for offer in app.screen.query_one(Menu).offers] == ["work"]
        await pilot.press("1")
        await until(pilot, lambda: app.node == WORK and isinstance(app.screen, TradingScreen))
    assert dialed.exchanges[WORK.url].called("use_token") == [{"token": "of work"}]
    assert logins.kept == {HERE: "token", WORK: "of work"}


async def test_the_mouse_chooses_too() -> None:
    app = entering(silent(), dial=Dialed(here=FakeExchange()))
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        await pilot.click(Menu, offset=(8, 0))
        await at_login(pilot, app)


async def test_from_the_login_one_may_look_and_go_back() -> None:
    app = entering(FakeExchange())
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await pilot.press("ctrl+n")
        await at_nodes(pilot, app)
        await pilot.press("escape")
        await at_login(pilot, app)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("127.0.0.1:7070", "http://127.0.0.1:7070"),
        (" https://exchange.example/ ", "https://exchange.example"),
        ("[::1]:7070", "http://[::1]:7070"),
        ("localhost", "http://localhost"),
    ],
)
def test_an_address_may_be_short(typed: str, address: str) -> None:
    assert address_of(typed) == address


@pytest.mark.parametrize("typed", ["", "ftp://x", "http://", "http://x:99999", "http://[::1"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(CryptexError):
        address_of(typed)


async def test_a_screen_without_a_way_back_has_none() -> None:
    app = entering(silent())
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, NodeScreen)


async def test_profiles_that_have_no_key_are_told_of() -> None:
    many = tuple(KnownNode(f"http://10.0.0.{at}:7070", f"p{at}") for at in range(12))
    app = entering(silent(), Entrance(nodes=many))
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        assert len(app.screen.query_one(Menu).offers) == 1 + 9
        assert "3 more profiles: `cryptex tui --profile NAME`" in app.screen.query_one("#more", Words).text
