"""What the layouts look like. After a wanted change: --snapshot-update, and look at the pictures."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import arrive
from tests.tui.scenes import terminal

Compare = Callable[..., bool]


@pytest.mark.parametrize(
    ("size", "keys"),
    [
        ((120, 40), ("f9",)),
        ((120, 40), ("f9", "f9", "v")),
        ((160, 45), ("f9", "f9", "f9")),
        ((50, 20), ("s",)),
    ],
    ids=["chart", "ladder and chooser", "teaching", "narrow"],
)
def test_layouts(snap_compare: Compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    exchange = FakeExchange()
    app = terminal(exchange)

    async def run(pilot: Pilot[None]) -> None:
        screen = await arrive(pilot, app, exchange)
        await pilot.press(*keys)
        screen.frame()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)
