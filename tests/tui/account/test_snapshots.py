"""What the account's tables look like. After a wanted change: pytest tests/tui/account --snapshot-update, and look."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from cryptex.protocol.terms import EndReason
from tests.tui.account.past import ended_view, entry_view, fill_view
from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import arrive
from tests.tui.scenes import terminal

Compare = Callable[..., bool]


@pytest.mark.parametrize(("key", "size"), [("f3", (120, 40)), ("f4", (80, 24)), ("f6", (120, 40))])
def test_past(snap_compare: Compare, key: str, size: tuple[int, int]) -> None:
    """History, fills and ledger."""
    exchange = FakeExchange()
    exchange.past_orders = [ended_view(number, reason) for number, reason in enumerate(EndReason, 1)]
    exchange.past_fills = [
        fill_view(n, "sell" if n % 3 else "buy", f"0.{n}", f"{61000 + n}.50", "0.3") for n in range(1, 9)
    ]
    exchange.past_entries = [entry_view(number) for number in range(1, 5)]
    app = terminal(exchange)

    async def run(pilot: Pilot[None]) -> None:
        screen = await arrive(pilot, app, exchange)
        await pilot.press(key)
        for _ in range(3):
            screen.frame()
            await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)
