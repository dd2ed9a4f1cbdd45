"""The market bar at the top of the screen."""

from textual.geometry import Size

from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.panel import Drawn, Line
from cryptex.tui.market.bar import Setting, bar_lines, bar_rows
from cryptex.tui.model import Connection, Link, TerminalModel


class StatusBar(Drawn):
    """Always on top, never dimmed: the connection must be seen when the rest fades."""

    DEFAULT_CSS = "StatusBar { dock: top; height: auto; background: $raised; color: $foreground; }"

    def __init__(self, model: TerminalModel, setting: Setting) -> None:
        super().__init__()
        self._model = model
        self._setting = setting
        self.connection = Connection(Link.CONNECTING)
        self.tick_age_s: int | None = None
        self._made: tuple[object, list[Line]] = (None, [])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one row, or two on a narrow screen."""
        return bar_rows(width)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw as much as there is room for; the connection comes first. What did not change is not worked out anew."""
        model = self._model
        ticker = model.tickers.get(model.market)
        asked = (width, model.market, model.versions[Part.TAPE], ticker, self.connection, self.tick_age_s)
        if asked != self._made[0]:
            self._made = (asked, self._bar(width))
        return list(self._made[1])

    def _bar(self, width: int) -> list[Line]:
        return bar_lines(self._model, self._setting, self.connection, self.tick_age_s, width)
