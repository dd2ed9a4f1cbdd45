"""The market bar at the top of the screen."""

from typing import Final

from textual.geometry import Size

from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.panel import Drawn, Line
from cryptex.tui.market.bar import Setting, bar_lines, bar_rows
from cryptex.tui.model import Connection, Link, TerminalModel

TOLD_BY: Final = (Part.TAPE, Part.MARKETS)
"""Panels that show what the bar's prices come from, too."""


class StatusBar(Drawn):
    """Always on top. Its prices fade with the rest; the connection must be seen then."""

    DEFAULT_CSS = "StatusBar { dock: top; height: auto; background: $raised; color: $foreground; }"

    def __init__(self, model: TerminalModel, setting: Setting) -> None:
        super().__init__()
        self._model = model
        self._setting = setting
        self.connection = Connection(Link.CONNECTING)
        self.tick_age_s: int | None = None
        self.faded = False
        """Whether prices may no longer be true."""
        self._made: tuple[object, list[Line]] = (None, [])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one row, or two on a narrow screen."""
        return bar_rows(width)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw as much as there is room for; the connection comes first. What did not change is not worked out anew."""
        model = self._model
        ticker = model.tickers.get(model.market)
        asked = (width, model.market, model.versions[Part.TAPE], ticker, self.connection, self.tick_age_s, self.faded)
        if asked != self._made[0]:
            self._made = (asked, self._bar(width))
        return list(self._made[1])

    def _bar(self, width: int) -> list[Line]:
        return bar_lines(self._model, self._setting, self.connection, self.tick_age_s, width, faded=self.faded)
