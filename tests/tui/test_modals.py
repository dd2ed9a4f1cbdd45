"""What opens over the trading screen leaves the market bar free: whether prices are live is always seen."""

import pytest
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from cryptex.tui.market.bar import bar_rows
from tests.tui.pilots import desk, until


def drawn(screen: Screen[object]) -> list[Widget]:
    return [widget for widget in screen.walk_children(Widget) if widget.region.area]


@pytest.mark.parametrize("size", [(43, 15), (60, 30), (80, 24), (120, 40)])
@pytest.mark.parametrize("key", ["?", "v", "D", "W", "X", "colon", "u"])
async def test_the_market_bar_is_seen_above(size: tuple[int, int], key: str) -> None:
    async with desk(size) as on:
        await on.pilot.press(key)
        await until(on.pilot, lambda: isinstance(on.app.screen, ModalScreen) and bool(drawn(on.app.screen)))
        assert min(widget.region.y for widget in drawn(on.app.screen)) >= bar_rows(size[0])
