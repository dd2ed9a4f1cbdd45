"""The line at the bottom: the keys that matter where the focus is. A click runs them."""

from textual import events
from textual.dom import DOMNode

from cryptex.tui.drawing.panel import Drawn, Line, Placed, Span
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.keys.action import Action, Place
from cryptex.tui.keys.keymap import Keymap


class KeyBar(Drawn):
    """Keys of the focused place first, then those that work anywhere; what does not fit is on the help page."""

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; background: $background; color: $foreground; }"

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._actions = [action for action in keymap.actions if action.label and action.cap]
        self.place = Place.ANYWHERE
        self._spots: list[tuple[int, int, Action]] = []

    def turn(self, place: Place) -> None:
        """Show the keys of a place."""
        if place is not self.place:
            self.place = place
            self.show(stale=False)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw caps and labels; help and quit always have their place."""
        always = [key for key in self._actions if key.name in ("app.help", "app.quit")]
        local = [key for key in self._actions if key.place is self.place and key not in always]
        general = [key for key in self._actions if key.place is Place.ANYWHERE and key not in always]
        if self.place is Place.TICKET:
            general = [key for key in general if not key.keys.isdigit()]  # digits are typed there
        caps = {key.cap for key in local}
        general = [key for key in general if key.cap not in caps]
        room = width - sum(_cells(key) for key in always)
        shown: list[Action] = []
        for key in dict.fromkeys((*local, *general)):
            if sum(_cells(k) for k in shown) + _cells(key) <= room:
                shown.append(key)
        line: Line = ()
        x = 0
        self._spots = []
        for key in (*shown, *always):
            line += (Span(f" {key.cap} ", Ink.ACCENT, Ground.RAISED, bold=True), Span(f" {key.label} ", Ink.MUTED))
            self._spots.append((x, x + _cells(key), key))
            x += _cells(key)
        return [line]

    async def on_click(self, event: events.Click) -> None:
        """Run the key under the pointer."""
        for start, end, key in self._spots:
            if start <= event.x < end:
                await self.app.run_action(key.deed, default_namespace=self._actor(key.place))

    def _actor(self, place: Place) -> DOMNode:
        """Return who acts in a place: the panel around the focus, or the screen."""
        around = self.screen.focused.ancestors_with_self if self.screen.focused else ()
        return next((node for node in around if isinstance(node, Placed) and node.PLACE is place), self.screen)


def _cells(key: Action) -> int:
    return len(key.cap) + len(key.label) + 4
