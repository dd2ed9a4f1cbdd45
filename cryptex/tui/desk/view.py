"""The container of the panels: places them as `desk.plan` says."""

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import NULL_OFFSET, NULL_SPACING, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from cryptex.tui.account.activity import Activity
from cryptex.tui.account.wallet_table import WalletTable
from cryptex.tui.desk.plan import SMALLEST, TABS, Part, Plan, is_compact, plan
from cryptex.tui.drawing.panel import Panel
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.market.market_list import MarketList
from cryptex.tui.market.tape import Tape
from cryptex.tui.model import TerminalModel
from cryptex.tui.orders.orders_table import OrdersTable
from cryptex.tui.ticket.ticket import Ticket


class _DeskLayout(Layout):
    name = "desk"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        parent.pre_layout(self)
        if not isinstance(parent, DeskView):
            return []
        regions = parent.plan(size)
        placed = [(regions[Part(child.id)], child) for child in children if child.id in regions]
        return [WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child) for region, child in placed]


class DeskView(Widget):
    """All panels; on a small screen those of TABS share one place and `tab` is the one that is shown."""

    DEFAULT_CSS = (
        "DeskView { width: 1fr; height: 1fr; background: $background; color: $accent; content-align: center middle; }"
    )

    def __init__(self, model: TerminalModel) -> None:
        super().__init__()
        self._model = model
        self._layout = _DeskLayout()
        self.tab = Part.ORDERS
        self._counts = (0, 0)
        self.ladder = Ladder(model)
        self.ticket = Ticket(model)
        self.orders = OrdersTable(model)
        self.tape = Tape(model)
        self.markets = MarketList(model)
        self.panels: dict[Part, Panel] = {
            Part.LADDER: self.ladder,
            Part.ORDERS: self.orders,
            Part.WALLET: WalletTable(model),
            Part.TAPE: self.tape,
            Part.MARKETS: self.markets,
            Part.ACTIVITY: Activity(model),
        }

    def compose(self) -> ComposeResult:
        """The panels, in the order of the tab key."""
        yield self.ladder
        yield self.ticket
        for part in TABS:
            yield self.panels[part]

    @property
    def layout(self) -> Layout:
        """The desk's own layout."""
        return self._layout

    @property
    def is_compact(self) -> bool:
        """Whether the panels of TABS share one place."""
        return is_compact(self.app.size)

    def plan(self, size: Size) -> Plan:
        """Return where the panels stand."""
        return plan(size, self.tab, len(self._model.terms), len(self._model.balances or ()))

    def render(self) -> Content:
        """Say what to do when the screen is too small; else the panels cover this."""
        width, height = SMALLEST
        return Content(
            f"cryptex needs at least {width} x {height}; this screen has {self.app.size.width} x {self.app.size.height}"
        )

    def turn(self, part: Part) -> None:
        """Show a panel and give it the focus."""
        if part in TABS:
            self.tab = part
            self.settle()
        if part is Part.TICKET:
            self.ticket.focus_field()
        else:
            self.screen.set_focus(self.panels[part])

    def settle(self) -> None:
        """Show the panels that the plan has, hide the others, and place them."""
        shown = self.plan(self.size)
        for child in self.children:
            child.display = child.id in shown
        if shown and self.screen.focused is None:
            self.screen.set_focus(self.ladder)
        self.ladder.refresh(layout=True)  # a child's request makes its container forget the old arrangement

    def on_resize(self) -> None:
        """Plan anew."""
        self.settle()

    def fit(self) -> None:
        """Plan anew when there is more or less to list than at the last plan."""
        counts = (len(self._model.terms), len(self._model.balances or ()))
        if counts != self._counts:
            self._counts = counts
            self.settle()
