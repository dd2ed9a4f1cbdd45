"""Coming and going: logging out, and leaving a node that was started here."""

from cryptex.client.errors import unreachable
from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.entrance import Entrance, KnownNode
from tests.tui.entry.fakes import FakeLogins, FakeNode
from tests.tui.entry.steps import at_login, at_nodes, entering, log_in, told, trading
from tests.tui.fake_exchange import FakeExchange
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
