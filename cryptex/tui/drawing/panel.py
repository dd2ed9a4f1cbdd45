"""The base of every panel that draws its own lines.

A panel turns its part of the model into rows of spans. `show` compares them with what is on the screen and repaints
only the lines that differ, so a frame in which nothing changed costs nothing.
"""

from typing import ClassVar, NamedTuple, Protocol, Self, runtime_checkable

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from cryptex.tui.drawing import texts
from cryptex.tui.drawing.edges import Edges, rows_of
from cryptex.tui.drawing.texts import harmless
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.keys.action import Place
from cryptex.tui.looks.wearing import look_of


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    ink: Ink = Ink.TEXT
    ground: Ground | None = None
    bold: bool = False


Line = tuple[Span, ...]
BLANK: Line = ()


class Drawn(Widget):
    """A widget that draws its own lines."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        self._lines: list[Line] = []
        self._edges: Edges | None = None
        self._strips: dict[int, Strip] = {}
        """Finished rows, the frame's among them."""
        super().__init__(id=id)
        self.stale = False
        self.version = -1
        """Version of the model's part that is on the screen."""

    def lines(self, width: int, height: int) -> list[Line]:
        """Return what to draw, top line first. Every drawn widget implements this."""
        raise NotImplementedError

    def show(self, *, stale: bool) -> None:
        """Draw anew what differs from what is on the screen."""
        width, height = self.size
        if stale != self.stale:
            self.stale = stale
            self._lines = []
        fresh = self.lines(width, height)[:height]
        fresh += [BLANK] * (height - len(fresh))
        if len(fresh) != len(self._lines):
            self._lines = fresh
            self.refresh()
            return
        changed = [y for y, line in enumerate(fresh) if line != self._lines[y]]
        self._lines = fresh
        if changed:
            left, whole = -self.gutter.left, self.outer_size.width  # whole rows are written as they are, parts are cut
            self.refresh(*(Region(left, y, whole, 1) for y in changed))

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = []
        self.show(stale=self.stale)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Have it painted again: lines in the regions, or everything, with styles worked out anew."""
        if repaint and regions:
            top = self.gutter.top
            for region in regions:
                for y in region.line_range:
                    self._strips.pop(y + top, None)
        elif repaint:
            self._edges = None
            self._strips.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Work the styles out anew."""
        self._edges = None
        self._strips.clear()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of the whole widget, frame and all; each is made when its line changes, and kept."""
        if self.opacity != 1.0 or self.styles.tint.a:
            return super().render_lines(crop)
        edges = self._edges = self._edges or self._made_edges()
        strips, rows = self._strips, list[Strip]()
        for y in crop.line_range:
            strip = strips.get(y)
            if strip is None:
                strip = strips[y] = self._finished_row(y, edges)
            rows.append(strip)
        return rows_of(rows, crop.column_span, edges.width)

    def render_line(self, y: int) -> Strip:
        """Return a drawn line, cut or filled to the panel's width."""
        width = self.size.width
        style = look_of(self).style
        segments = [Segment(harmless(s.text), style(s.ink, s.ground, s.bold, self.stale)) for s in self._drawn_line(y)]
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _drawn_line(self, y: int) -> Line:
        return self._lines[y] if y < len(self._lines) else BLANK

    def _finished_row(self, y: int, edges: Edges) -> Strip:
        """Return a row of the widget: a drawn line between the edges, else the frame as Textual draws it."""
        at = y - self.gutter.top
        if 0 <= at < self.size.height:
            return edges.strip(self._drawn_line(at), stale=self.stale)
        return super().render_lines(Region(0, y, edges.width, 1))[0]

    def _made_edges(self) -> Edges:
        gutter, width = self.gutter, self.outer_size.width
        sample = super().render_lines(Region(0, gutter.top, width, 1))[0]
        cells = (gutter.left, gutter.right)
        return Edges(look_of(self), self.rich_style, sample, cells, self.get_line_filters(), self.background_colors[1])


@runtime_checkable
class Placed(Protocol):
    """A widget where actions of a place work."""

    PLACE: ClassVar[Place]


class Panel(Drawn, can_focus=True):
    """A framed part of the screen; its title stands in the frame, and the frame lights up when it has the focus."""

    DEFAULT_CSS = """
    Panel {
        background: $surface;
        color: $foreground;
        border: round $line;
        border-title-color: $muted;
        border-subtitle-color: $accent;
        padding: 0 1;
    }
    Panel:focus { border: round $focus; border-title-color: $bright; }
    """
    TITLE: ClassVar[str] = ""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._titles = (Content(self.TITLE), "")
        self.border_title = self._titles[0]

    @property
    def stirs(self) -> bool:
        """Whether it changes with time alone, and so is drawn in every frame."""
        return False

    def retitle(self, title: Content, subtitle: str) -> None:
        """Set the texts in the frame, if they changed."""
        if subtitle != self._titles[1] or not (title is self._titles[0] or title.is_same(self._titles[0])):
            self._titles = (title, subtitle)
            self.border_title = title
            self.border_subtitle = Content(subtitle)


def spread_over(line: Line, width: int, columns: tuple[int, int], ground: Ground) -> Line:
    """Return a line of single-cell characters, `width` cells wide, with `ground` under the cells from, to."""
    start, end = columns
    out: list[Span] = []
    x = 0
    for span in line:
        x = _spread(out, span, x, start, end, ground)
    if x < width:
        _spread(out, Span(" " * (width - x)), x, start, end, ground)
    return tuple(out)


def _spread(out: list[Span], span: Span, x: int, start: int, end: int, ground: Ground) -> int:
    """Add a span that begins at cell `x`, in up to three pieces; return where it ends."""
    text, ink, under, bold = span
    after = x + len(text)
    if not text:
        return x
    if after <= start or x >= end:
        out.append(span)
    elif start <= x and after <= end:
        out.append(Span(text, ink, ground, bold))
    else:
        low, high = max(start - x, 0), min(end - x, len(text))
        for part, over in ((text[:low], under), (text[low:high], ground), (text[high:], under)):
            if part:
                out.append(Span(part, ink, over, bold))
    return after


def message(text: str, width: int, ink: Ink = Ink.MUTED) -> Line:
    """Return a line with its text in the middle; one that is cut ends in an ellipsis."""
    return (Span(texts.fitted(text, width).center(width), ink),)


def messages(text: str, width: int, ink: Ink = Ink.MUTED) -> list[Line]:
    """Return lines with a text in the middle, wrapped: for a panel that has nothing else to show."""
    return [message(row, width, ink) for row in texts.wrapped(text, max(1, width))]
