"""Leaving: what is asked first, once, and what becomes of a node that was started here."""

from cryptex.client.errors import unreachable
from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.entrance import Entrance
from cryptex.tui.trading_screen import TradingScreen
from tests.tui.entry.fakes import FakeNode
from tests.tui.entry.steps import at_nodes, entering, log_in, lose_an_answer, told, trading
from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import burst, until


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


async def test_leaving_asks_while_an_order_has_no_answer() -> None:
    exchange = FakeExchange()
    app = entering(exchange)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await lose_an_answer(pilot, app, exchange)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        assert "What became of an order that you sent is not known yet." in told(app)
        await pilot.press("escape")
        await trading(pilot, app)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        await pilot.press("l")
        await until(pilot, lambda: app._exit)


async def test_the_question_is_asked_once_however_often_one_quits() -> None:
    exchange = FakeExchange()
    app = entering(exchange)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        await lose_an_answer(pilot, app, exchange)
        burst(app, "ctrl+q", "ctrl+q", "q", "ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen) and app.screen.focused is not None)
        assert [type(screen) for screen in app.screen_stack[1:]] == [TradingScreen, MenuScreen]
        burst(app, "escape", "q")
        await until(pilot, lambda: isinstance(app.screen, TradingScreen))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))


async def test_a_node_that_was_started_here_is_stopped_once() -> None:
    exchange, here = FakeExchange(), FakeNode(is_new=False)
    exchange.answers["health"] = [unreachable("refused")]
    app = entering(exchange, Entrance(local_node=here))
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        burst(app, "s", "s", "e")
        await log_in(pilot, app)
        burst(app, "q", "q")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen) and app.screen.focused is not None)
        burst(app, "s", "ctrl+q", "k", "s")
        await until(pilot, lambda: app._exit)
    assert here.done == ["started with traders", "stopped"]
