"""A compositor that asks only those widgets for their lines whose lines are to be painted.

Textual asks every widget on the screen, in every frame in which one of them changed.
"""

from collections.abc import Set as AbstractSet

from textual._compositor import ChopsUpdate, Compositor, ReflowResult
from textual.geometry import Region, Size
from textual.widget import Widget

Visible = dict[Widget, tuple[Region, Region]]
"""Region and clip of widgets, the foremost first."""


def concerned(visible: Visible, changed: AbstractSet[Widget]) -> Visible:
    """Return the widgets that changed, and those in front of them.

    What is behind is covered: a widget paints all of its region.
    """
    found: Visible = {}
    behind: list[Region] = []
    for widget, place in reversed(visible.items()):
        region = place[1].intersection(place[0])
        if widget in changed:
            behind.append(region)
            found[widget] = place
        elif any(region.overlaps(other) for other in behind):
            found[widget] = place
    return dict(reversed(found.items()))


class LeanCompositor(Compositor):
    """Paints like Textual's; to be given to a screen before it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: set[Widget] = set()
        self._moved = True
        """Whether widgets came, went or moved: then those are to be painted that were behind them."""

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Take note of widgets that changed."""
        self._changed |= widgets
        super().update_widgets(widgets)

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Place all widgets anew."""
        self._moved = True
        return super().reflow(parent, size)

    def reflow_visible(self, parent: Widget, size: Size) -> set[Widget]:
        """Place the widgets anew that are seen."""
        self._moved = True
        return super().reflow_visible(parent, size)

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what is to be painted."""
        whole = self.visible_widgets
        if not self._moved:
            self._visible_widgets = concerned(whole, self._changed)
        try:
            return super().render_partial_update()
        finally:
            self._visible_widgets = whole
            self._changed.clear()
            self._moved = False
