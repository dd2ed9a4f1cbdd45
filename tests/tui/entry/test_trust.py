"""A node whose key is new or has changed, in the terminal: a question, or a refusal in words."""

from types import SimpleNamespace

import pytest

from cryptex.client.errors import ChangedNodeError, Met, UnknownNodeError
from cryptex.protocol.problems import Code, problem
from cryptex.tui.drawing.menu import Menu
from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.entrance import Entrance, KnownNode
from cryptex.tui.entry.entry_app import SessionEnded
from cryptex.tui.entry.node_screen import NodeScreen
from tests.tui.entry.steps import Dialed, at_login, at_nodes, entering, log_in, told
from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import burst, until

URL = "https://exchange.example:7070"
MET = Met("SHA256:" + "B" * 43, b"certificate")
MESSAGE = f"the node at exchange.example:7070 is not known here yet; its fingerprint is {MET.fingerprint}"


def unknown() -> UnknownNodeError:
    return UnknownNodeError(MESSAGE, problem(Code.NODE_UNKNOWN, MESSAGE), MET)


def new_node() -> tuple[FakeExchange, list[Met]]:
    """Return an exchange whose node is new, until it is accepted."""
    exchange, accepted = FakeExchange(URL), list[Met]()
    exchange.answers["health"] = [unknown()]
    exchange.trust = SimpleNamespace(accept=accepted.append)
    return exchange, accepted


async def test_a_new_node_is_asked_about_with_its_fingerprint_and_then_entered() -> None:
    exchange, accepted = new_node()
    app = entering(exchange, dial=Dialed(new=exchange))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        assert MET.fingerprint in told(app)
        await pilot.press("t")
        await at_login(pilot, app)
    assert accepted == [MET]


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_who_does_not_trust_it_stays_outside(key: str) -> None:
    exchange, accepted = new_node()
    app = entering(exchange, dial=Dialed(new=exchange))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        await pilot.press(key)
        await at_nodes(pilot, app)
        assert MET.fingerprint in told(app)
        assert "r tries again" in told(app)
        assert "--trust" not in told(app)
        await pilot.press("r")
        await at_login(pilot, app)
    assert accepted == []


async def test_another_new_node_is_asked_about_again_by_the_same_key() -> None:
    exchange, accepted = new_node()
    exchange.answers["health"] = [unknown(), unknown()]
    app = entering(FakeExchange(), Entrance(nodes=(KnownNode(URL),)), dial=Dialed(new=exchange))
    async with app.run_test() as pilot:
        await at_login(pilot, app)
        await pilot.press("ctrl+n", "1")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        await pilot.press("escape")
        await at_nodes(pilot, app)
        assert app.screen.query_one(Menu).offers[0].note == URL
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, MenuScreen))
        burst(app, "t", "t", "t")
        await at_login(pilot, app)
        assert app.node == KnownNode(URL)
    assert accepted == [MET]


async def test_a_visitor_in_a_browser_is_told_and_not_asked() -> None:
    exchange, accepted = new_node()
    app = entering(exchange, Entrance(fixed=True), Dialed(new=exchange))
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        assert isinstance(app.screen, NodeScreen)
        assert MET.fingerprint in told(app)
    assert accepted == []


async def test_a_node_with_another_key_is_refused_in_words() -> None:
    message = "THE NODE AT exchange.example:7070 HAS ANOTHER KEY THAN BEFORE"
    exchange = FakeExchange(URL)
    exchange.answers["health"] = [ChangedNodeError(message, problem(Code.NODE_CHANGED, message), MET)]
    app = entering(exchange)
    async with app.run_test() as pilot:
        await at_nodes(pilot, app)
        assert message in told(app)
        assert "cryptex nodes forget" in told(app)


async def test_a_node_that_changes_while_one_trades_is_left_with_the_reason() -> None:
    message = "THE NODE AT exchange.example:7070 HAS ANOTHER KEY THAN BEFORE"
    exchange = FakeExchange(URL)
    app = entering(exchange)
    async with app.run_test() as pilot:
        await log_in(pilot, app)
        exchange.error = ChangedNodeError(message, problem(Code.NODE_CHANGED, message), MET)
        exchange.state = "closed"
        app.screen.post_message(SessionEnded(message))
        await at_nodes(pilot, app)
        assert message in told(app)
        assert "session" not in told(app)
