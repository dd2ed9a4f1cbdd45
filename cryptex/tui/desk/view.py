"""The container of the panels: places them as `desk.plan` says."""

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import NULL_OFFSET, NULL_SPACING, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from cryptex.tui.account.activity import Activity
from cryptex.tui.account.fills_table import FillsTable
from cryptex.tui.account.history_table import HistoryTable
from cryptex.tui.account.ledger_table import LedgerTable
from cryptex.tui.account.paged_table import PagedTable
from cryptex.tui.account.wallet_sums import LINES as SUM_LINES
from cryptex.tui.account.wallet_table import WalletTable
from cryptex.tui.alerts.alerts_table import AlertsTable
from cryptex.tui.chart.chart import Chart
from cryptex.tui.desk.headings import Headings
from cryptex.tui.desk.layouts import SMALLEST
from cryptex.tui.desk.part import FRAME_ROWS
from cryptex.tui.desk.plan import Part, Plan, plan
from cryptex.tui.desk.shelf import Shelf
from cryptex.tui.drawing.panel import Panel
from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.market.market_list import MarketList
from cryptex.tui.market.tape import Tape
from cryptex.tui.model import TerminalModel
from cryptex.tui.orders.orders_table import OrdersTable
from cryptex.tui.ticket.ticket import Ticket

_DOUBLE = 2
"""Clicks in a row."""


class _DeskLayout(Layout):
    name = "desk"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        parent.pre_layout(self)
        if not isinstance(parent, DeskView):
            return []
        shown = parent.plan(size)
        placed = [(shown[Part(child.id)].region, child) for child in children if child.id in shown]
        return [WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child) for region, child in placed]


class DeskView(Widget):
    """All panels. A panel is there once it is in `panels`; the plan has a place for each Part."""

    DEFAULT_CSS = (
        "DeskView { width: 1fr; height: 1fr; background: $background; color: $accent; content-align: center middle; }"
    )

    def __init__(self, model: TerminalModel, shelf: Shelf, keymap: Keymap) -> None:
        super().__init__()
        self._model = model
        self._headings = Headings(model, keymap)
        self._focused: tuple[Widget | None, Part | None] = (None, None)
        self._layout = _DeskLayout()
        self._planned: tuple[object, Plan] = (None, {})
        self._shown: Plan = {}
        self._wanted: dict[Part, int] = {}
        self._ticket_heading = Content()
        self.shelf = shelf
        self.layout_name = shelf.chosen
        self.choice = shelf.choice(self.layout_name)
        self.ladder = Ladder(model)
        self.ticket = Ticket(model)
        self.orders = OrdersTable(model)
        self.chart = Chart(model)
        self.tape = Tape(model)
        self.markets = MarketList(model)
        self.panels: dict[Part, Panel] = {
            Part.LADDER: self.ladder,
            Part.CHART: self.chart,
            Part.ORDERS: self.orders,
            Part.HISTORY: HistoryTable(model),
            Part.FILLS: FillsTable(model),
            Part.WALLET: WalletTable(model),
            Part.LEDGER: LedgerTable(model),
            Part.TAPE: self.tape,
            Part.MARKETS: self.markets,
            Part.ALERTS: AlertsTable(model),
            Part.ACTIVITY: Activity(model),
        }

    @property
    def shown_past(self) -> dict[Part, bool]:
        """The panels that are on the screen, each with whether it wants older rows than it has."""
        shown = [(part, panel) for part, panel in self.panels.items() if panel.display]
        return {part: isinstance(panel, PagedTable) and panel.wants_more for part, panel in shown}

    def compose(self) -> ComposeResult:
        """The panels, in the order of the tab key."""
        for part in Part:
            if part in self.present:
                yield self.ticket if part is Part.TICKET else self.panels[part]

    @property
    def layout(self) -> Layout:
        """The desk's own layout."""
        return self._layout

    @property
    def present(self) -> frozenset[Part]:
        """The panels that there are."""
        return frozenset((Part.TICKET, *self.panels))

    def plan(self, size: Size) -> Plan:
        """Return where the panels stand."""
        asked = (size, self.choice, self._rows())
        if asked != self._planned[0]:
            self._planned = (asked, plan(size, self.choice, self.present, self._rows()))
        return self._planned[1]

    def render(self) -> Content:
        """Say what to do when the screen is too small; else the panels cover this."""
        width, height = SMALLEST
        return Content(
            f"cryptex needs at least {width} x {height}; this screen has {self.app.size.width} x {self.app.size.height}"
        )

    def heading(self, part: Part) -> Content:
        """Return what stands in the frame of a panel that is shown: its title, or the tabs that share its place."""
        found = self._shown.get(part)
        return Content() if found is None else self._headings.of(part, found, focused=part is self.focused_part)

    def cap(self, part: Part) -> str:
        """Return the key of a panel as written on the screen."""
        return self._headings.cap(part)

    def bring(self, part: Part) -> None:
        """Show a panel, wherever it stands."""
        if part in self.present:
            self.choice = self.choice.called(part)
            self.settle()

    def turn(self, part: Part) -> None:
        """Show a panel and give it the focus."""
        self.bring(part)
        if part is Part.TICKET:
            self.ticket.focus_field()
        elif part in self.panels:
            self.screen.set_focus(self.panels[part])

    def next_tab(self, step: int) -> None:
        """Turn to a neighbour among the tabs of the focused place, or of the place that has the most."""
        shown = self._shown
        here = self.focused_part
        if here is None or len(self._parts_at(here)) < 2:
            here = max(shown, key=lambda part: len(shown[part].parts), default=None)
        parts = self._parts_at(here) if here is not None else ()
        if here is not None and len(parts) > 1:
            self.turn(parts[(parts.index(here) + step) % len(parts)])

    def zoom(self) -> None:
        """Let the focused panel fill the screen, or give the others their room back."""
        part = self.choice.zoomed or self.focused_part
        if part is not None:
            self.choice = self.choice.turned_zoom(part)
            self.settle()

    def resize(self, columns: int, rows: int) -> None:
        """Make the focused panel so much wider and higher, or less so, as far as there is room for all."""
        part = self.focused_part
        found = self._shown.get(part) if part is not None else None
        if part is None or found is None or self.choice.zoomed is not None:
            return
        before, now = self.choice, found.region.size
        self.choice = before.sized(part, now, columns, rows)
        then = self.plan(self.size)[part].region.size
        if ((then.width - now.width) * columns, (then.height - now.height) * rows) <= (0, 0):
            self.choice = before
        self.settle()

    def turn_off(self, part: Part) -> None:
        """Turn a panel off, or on again."""
        self.choice = self.choice.turned_off(part, self.present)
        self.settle()

    def take_layout(self, name: str) -> str:
        """Show a layout; returns why it could not be remembered, or nothing."""
        self.layout_name = name
        self.choice = self.shelf.choice(name)
        self.settle()
        return self.shelf.choose(name)

    def keep_layout(self, name: str) -> str:
        """Keep what is shown as a layout; returns why it could not be kept, or nothing."""
        complaint = self.shelf.save(name, self.choice)
        if self.shelf.is_users(name):
            self.layout_name = name
        return complaint

    @property
    def focused_part(self) -> Part | None:
        """The panel that has the focus."""
        focused = self.screen.focused
        if focused is not self._focused[0]:
            inside = focused.ancestors_with_self if focused is not None else ()
            part = next((Part(widget.id) for widget in inside if widget.parent is self and widget.id), None)
            self._focused = (focused, part)
        return self._focused[1]

    def settle(self) -> None:
        """Show the panels that the plan has, hide the others, and place them."""
        shown = self._shown = self.plan(self.size)
        self._wanted = self._rows()
        for child in self.children:
            child.display = child.id in shown
        if shown and self.screen.focused is None:
            first = next(iter(shown)) if Part.LADDER not in shown else Part.LADDER
            self.screen.set_focus(self.panels.get(first))
        self.ladder.refresh(layout=True)  # a child's request makes its container forget the old arrangement

    def on_resize(self) -> None:
        """Plan anew."""
        self.settle()

    def on_click(self, event: events.Click) -> None:
        """Turn to the tab whose name is under the pointer; a second click on the shown one's name zooms."""
        for part, found in self._shown.items():
            x, y = event.screen_offset - self.region.offset - found.region.offset
            hit = self._headings.tab_at(part, found, x) if y == 0 else None
            if hit is not None:
                self.turn(hit)
                if hit is part and event.chain == _DOUBLE:
                    self.zoom()
                return

    def fit(self) -> None:
        """Plan anew when there is more or less to list than at the last plan, and title the ticket."""
        if self._rows() != self._wanted:
            self.settle()
        heading = self.heading(Part.TICKET)
        if heading is not self._ticket_heading:
            self._ticket_heading = self.ticket.border_title = heading

    def _rows(self) -> dict[Part, int]:
        counts = {Part.MARKETS: len(self._model.terms), Part.WALLET: len(self._model.balances or ()) + SUM_LINES}
        return {part: max(1, count) + FRAME_ROWS for part, count in counts.items()}

    def _parts_at(self, part: Part) -> tuple[Part, ...]:
        found = self._shown.get(part)
        return found.parts if found is not None else ()
