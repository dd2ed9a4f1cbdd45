"""The pictures of the pages: `python -m tests.tui.pictures` (`make pictures`) writes docs/terminal*.svg.

The real terminal before the scripted market of its tests, so that the same code makes the same bytes. The fonts are
whatever the reader has: pictures fetch nothing.
"""

import asyncio
import re
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from cryptex.client.models import Simulation
from cryptex.protocol.views import FillView
from cryptex.tui.looks.up_down import OWN
from cryptex.tui.model import Tone
from tests.tui.account.past import fill_view
from tests.tui.chart.candles import walk
from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import Desk, desk

DOCS: Final = Path(__file__).parent.parent.parent / "docs"
FONTS: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
"""What a reader may have."""
_FONT_FACE: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_FONT_FAMILY: Final = re.compile(r"font-family: ?[^;}\n]+")


_CANDLES: Final = 300
_LAST: Final = Decimal("61234.50")


class Picture(NamedTuple):
    """A file, the size of the screen in cells, its theme, and the keys that lead there."""

    file: str
    size: tuple[int, int]
    theme: str
    keys: tuple[str, ...]


_TRADING: Final = ("c", "minus", "n", "l", "down", "down", "enter", *"0.25", "l", "down", "down", "down")
PICTURES: Final = (
    Picture("terminal.svg", (168, 44), "night", _TRADING),
    Picture("terminal-small.svg", (80, 24), "night", ("l", "down", "down")),
    Picture("terminal-day.svg", (120, 40), "day", ("l", "down", "down")),
)


async def picture(wanted: Picture) -> str:
    """Return the picture as SVG."""
    exchange = FakeExchange(simulation=Simulation("calm", 7), past_fills=_fills())
    async with desk(wanted.size, exchange, walk(_CANDLES, last=_LAST)) as on:
        _tell(on)
        await on.pilot.press(*("full_stop" if key == "." else key for key in wanted.keys))
        on.app.wear(wanted.theme, OWN)
        for _ in range(4):
            await on.frame()
        return own_fonts(on.app.export_screenshot(title="cryptex"))


def own_fonts(svg: str) -> str:
    """Return the picture without the fonts that it would fetch."""
    return _FONT_FAMILY.sub(f"font-family: {FONTS}", _FONT_FACE.sub("", svg))


def _fills() -> list[FillView]:
    """Return what one has traded before."""
    bought = fill_view(8, "buy", "0.50000", "61020.00", "0.00050000")
    return [bought, fill_view(27, "sell", "0.20000", "61290.00", "12.25")]


def _tell(on: Desk) -> None:
    """Let there be a past in the activity log."""
    for time, tone, text in (
        ("15:38:12", Tone.PLAIN, "open: buy 0.25 BTC at 61,227.00 (#1041)"),
        ("15:38:40", Tone.BAD, "rejected: needs 91,840.50 USDT, 90,781.33 available"),
        ("15:39:58", Tone.GOOD, "bought 0.1 BTC at 61,227.00 (maker, #1041)"),
    ):
        on.screen.model.note(time, tone, text)


def write(folder: Path) -> None:
    """Write all pictures."""
    for wanted in PICTURES:
        (folder / wanted.file).write_text(asyncio.run(picture(wanted)))


if __name__ == "__main__":
    write(DOCS)
