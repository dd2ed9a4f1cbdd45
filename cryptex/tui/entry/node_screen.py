"""Which node: try again, start one here, turn to one that is known, or type an address."""

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from cryptex.client.errors import CryptexError
from cryptex.client.transport import split_url
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.card import Brand, Card, Field, Hint, Hints
from cryptex.tui.drawing.menu import Menu, Offer
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.drawing.words import Words
from cryptex.tui.entry.entrance import Entrance, KnownNode

_RETRY: Final = "retry"
_START: Final = "start"
_START_EMPTY: Final = "start-empty"
_ADDRESS_LENGTH_MAX: Final = 200
_KNOWN_MAX: Final = 9


class NodeScreen(Screen[None]):
    """`why` says why one is asked; empty where the user came here by choice, and may go back.

    `fate` is what becomes of open orders then.
    """

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("f5", "retry", "try again", show=False),
        Binding("escape", "back", "back", show=False),
    ]
    AUTO_FOCUS = "Menu"
    DEFAULT_CSS = """
    NodeScreen { align: center middle; background: $background; }
    NodeScreen #told { margin-bottom: 1; }
    NodeScreen Menu { margin-bottom: 1; }
    NodeScreen #more { margin-bottom: 1; }
    """

    class Chosen(Message):
        """The user wants this node; `address` is as typed or known."""

        def __init__(self, node: KnownNode) -> None:
            super().__init__()
            self.node = node

    class Start(Message):
        """The user wants a node to be started here."""

        def __init__(self, *, simulated: bool) -> None:
            super().__init__()
            self.simulated = simulated

    class Back(Message):
        """The user wants to stay with the node that there is."""

    def __init__(self, node: KnownNode, entrance: Entrance, why: str = "", *, fate: str = "") -> None:
        super().__init__()
        self._node = node
        self._tried = node if why else None
        """The node that is no use, which can be tried again."""
        self._entrance = entrance
        self._why = why
        self._may_stay = not why
        self._fate = fate
        known = [each for each in entrance.nodes if each != node]
        self._known, self._unlisted = known[:_KNOWN_MAX], len(known[_KNOWN_MAX:])
        self.busy = False

    def compose(self) -> ComposeResult:
        """What is wrong, what can be done, and a field for an address."""
        with Card() as card:
            card.border_title = "Node"
            yield Brand()
            yield Words(*self._first_words(), id="told", least_lines=2)
            yield Menu(self._offers())
            if self._unlisted:
                more = f"{self._unlisted} more {'profile' if self._unlisted == 1 else 'profiles'}"
                yield Words(f"{more}: `cryptex tui --profile NAME` goes there.", id="more")
            if not self._entrance.fixed:
                yield Field("Address", "address", length_max=_ADDRESS_LENGTH_MAX, hint="http://127.0.0.1:7070")
            back = (Hint("esc", "back", "back"),) if self._may_stay else ()
            yield Hints(Hint("⏎", "go", "go"), *back, Hint("^q", "quit", "app.quit"))

    def wait(self, doing: str) -> None:
        """Say what is being done; nothing else can be asked for meanwhile."""
        self.busy = True
        self._tell(f"… {doing}", Ink.MUTED)

    def fail(self, why: str, node: KnownNode) -> None:
        """Say why it could not be done; that node can be tried again."""
        self.busy = False
        self._tried, self._why = node, why
        for menu in self.query(Menu):  # none, while the screen is not there yet
            menu.offer(self._offers())
            self._tell(f"✗ {why}", Ink.BAD)

    def action_retry(self) -> None:
        """Try the same node again."""
        self._choose(self._tried or self._node)

    def action_back(self) -> None:
        """Stay with the node that there is."""
        if self._may_stay:
            self.post_message(self.Back())

    def action_go(self) -> None:
        """Do what is under the cursor, or go to the address that was typed."""
        focused = self.focused
        if isinstance(focused, Input) and focused.value.strip():
            self._go_to(focused.value)
        else:
            self.query_one(Menu).action_pick()

    @on(Menu.Picked)
    def _picked(self, event: Menu.Picked) -> None:
        if self.busy:
            return
        if event.name in (_START, _START_EMPTY):
            self._start(simulated=event.name == _START)
        elif event.name == _RETRY:
            self.action_retry()
        else:
            self._choose(self._known[int(event.name)])

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        self._go_to(event.value)

    def _go_to(self, typed: str) -> None:
        try:
            address = address_of(typed)
        except CryptexError as error:
            self._tell(f"✗ {error}.", Ink.BAD)
            return
        self._choose(KnownNode(address, self._node.profile))

    def _start(self, *, simulated: bool) -> None:
        here = self._entrance.local_node
        if here is not None:
            self.wait(f"starting a node in {texts.plain(here.folder)}; this takes a few seconds")
            self.post_message(self.Start(simulated=simulated))

    def _choose(self, node: KnownNode) -> None:
        if not self.busy:
            self.wait(f"asking {texts.plain(node.url)}")
            self.post_message(self.Chosen(node))

    def _first_words(self) -> tuple[str, Ink]:
        if self._why:
            return f"✗ {self._why}", Ink.ACCENT
        return f"You are at {texts.plain(self._node.url)}. When you leave it: {self._fate}", Ink.MUTED

    def _offers(self) -> list[Offer]:
        offers = [Offer(_RETRY, "r", "Try again", texts.plain(self._tried.url))] if self._tried else []
        here = self._entrance.local_node
        if here is not None and not here.is_running:
            offers.append(Offer(_START, "s", "Start a node here, with traders", "simulated"))
            offers.append(Offer(_START_EMPTY, "e", "Start a node here, empty", f"in {texts.plain(here.folder)}"))
        for index, known in enumerate(self._known):
            offers.append(Offer(str(index), str(index + 1), texts.plain(known.url), texts.plain(known.profile)))
        return offers

    def _tell(self, text: str, ink: Ink) -> None:
        self.query_one("#told", Words).say(text, ink)


def address_of(typed: str) -> str:
    """Return a typed address in its full form. Raises InvalidRequestError for one that is none."""
    address = typed.strip()
    if "://" not in address:
        address = f"http://{address}"
    split_url(address)
    return address.rstrip("/")
