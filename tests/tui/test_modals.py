"""What opens over the trading screen leaves the market bar free: whether prices are live is always seen."""

import pytest
from textual.screen import ModalScreen

from cryptex.tui.market.bar import bar_rows
from tests.tui.pilots import desk, until


@pytest.mark.parametrize("size", [(43, 15), (60, 30), (80, 24), (120, 40)])
@pytest.mark.parametrize("key", ["?", "v", "D", "X", "colon", "u"])
async def test_the_market_bar_is_seen_above(size: tuple[int, int], key: str) -> None:
    async with desk(size) as on:
        await on.pilot.press(key)
        await until(on.pilot, lambda: isinstance(on.app.screen, ModalScreen))
        above = [widget for widget in on.app.screen.walk_children() if widget.region.area]
        assert above
        assert min(widget.region.y for widget in above) >= bar_rows(size[0])
