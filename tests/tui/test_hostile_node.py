"""A node that wants to harm the terminal: its words stand on the screen, and nothing that is obeyed does."""

import msgspec
from rich.segment import Segment
from textual.pilot import Pilot

from cryptex.client.errors import RefusedError, UnavailableError
from cryptex.client.models import Me, Simulation
from cryptex.protocol.channels import FillsMessage, OrdersMessage, WalletMessage
from cryptex.protocol.printable import is_harmless
from cryptex.protocol.problems import Code, Problem
from cryptex.protocol.terms import EntryKind
from cryptex.protocol.views import BalanceView, EntryView, PostingView
from cryptex.tui.app import CryptexTerminal
from cryptex.tui.drawing import texts
from tests.tui.account.past import ended_view, fill_view
from tests.tui.entry.steps import Dialed, at_nodes, entering
from tests.tui.fake_exchange import MOMENT, TIME, FakeExchange, order_view
from tests.tui.pilots import arrive
from tests.tui.scenes import FILLS, ORDERS, WALLET, terminal

HARM = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\u2066\u200b\ufeff\u3164\r\n\x00[bold red]x[/]"


def on_screen(app: CryptexTerminal) -> str:
    """Return every text that the terminal has drawn."""
    strips = app.screen._compositor.render_strips()
    return "".join(segment.text for strip in strips for segment in strip if isinstance(segment, Segment))


def assert_harmless(app: CryptexTerminal) -> None:
    assert {char for char in on_screen(app) if not is_harmless(char)} == set()


async def look_everywhere(pilot: Pilot[None], app: CryptexTerminal) -> str:
    """Look at every tab and menu; return all that was there."""
    seen = ""
    for key in ("f3", "f4", "f5", "f6", "f2", "u"):
        await pilot.press(key)
        for screen in app.screen_stack:
            if hasattr(screen, "frame"):
                screen.frame()
        await pilot.pause()
        assert_harmless(app)
        seen += on_screen(app)
    return seen


class Named(FakeExchange):
    """Says of its user what it likes."""

    async def me(self) -> Me:
        return Me(1, f"alice{HARM}", None, MOMENT, ("read",))


async def test_what_it_says_of_the_account_is_drawn_harmlessly() -> None:
    exchange = Named(simulation=Simulation(f"calm{HARM}", 7))
    key = {"client_order_id": f"mine{HARM}"}
    order = order_view(1060, "buy", "61000.00", "0.10000", **key)
    elsewhere = msgspec.structs.replace(order_view(1061, "sell", "61900.00", "0.10000"), market=f"EVIL{HARM}-USDT")
    fill = msgspec.structs.replace(fill_view(7, "buy", "0.10000", "61000.00", "0.1"), fee_asset=f"FEE{HARM}", **key)
    exchange.past_fills, exchange.past_orders = [fill], [msgspec.structs.replace(ended_view(8), **key)]
    posting = PostingView(f"ASSET{HARM}", "available", "1.00000000", "1.00000000")
    exchange.past_entries = [EntryView(9, EntryKind.DEPOSIT, f"reference{HARM}", 9, TIME, (posting,))]
    app = terminal(exchange)
    async with app.run_test(size=(200, 55)) as pilot:
        await arrive(pilot, app, exchange)
        said = {"type": "update", "epoch": 1, "sequence": 2, "prev": 1, "time": TIME}
        exchange.say(ORDERS, OrdersMessage(**said, orders=[order, elsewhere]))
        exchange.say(FILLS, FillsMessage(**said, fills=[fill]))
        balance = BalanceView(f"EVIL{HARM}", "1.00000000", "0.00000000", "1.00000000")
        exchange.say(WALLET, WalletMessage(**said, balances=[balance]))
        seen = await look_everywhere(pilot, app)
    assert "[bold red]x[/]" in seen, "markup is text"


async def test_why_it_refuses_is_drawn_harmlessly() -> None:
    exchange = FakeExchange()
    refusal = RefusedError(HARM, Problem(Code.INSUFFICIENT_FUNDS, HARM, False, HARM, {"required": HARM}))
    exchange.answers["place_order"] = [refusal, UnavailableError(HARM)]
    app = terminal(exchange)
    async with app.run_test(size=(200, 55)) as pilot:
        screen = await arrive(pilot, app, exchange)
        screen.notify(texts.plain(HARM), title=texts.plain(HARM), markup=False)
        await pilot.press("b", "1", "enter", "enter")
        screen.frame()
        await pilot.pause()
        assert_harmless(app)


async def test_a_node_that_is_no_use_says_so_harmlessly() -> None:
    for error in (UnavailableError(HARM), RefusedError(HARM, Problem(Code.FORBIDDEN, HARM, False, HARM, {}))):
        exchange = FakeExchange(f"http://127.0.0.1:7070/{HARM}")
        exchange.answers["health"] = [error]
        app = entering(exchange, dial=Dialed(it=exchange))
        async with app.run_test(size=(120, 40)) as pilot:
            await at_nodes(pilot, app)
            assert_harmless(app)
            assert "[bold red]x[/]" in on_screen(app)
