"""Handlers of the actions on one's own orders that work anywhere."""

from cryptex.tui.desk.part import Part
from cryptex.tui.ladder.handlers import cancel_at_cursor
from cryptex.tui.model import Tone
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from cryptex.tui.stage import Handlers, Stage


def order_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    return {
        "orders.cancel": lambda: _cancel(stage),
        "orders.cancel_all": lambda: _cancel_all(stage),
    }


def _cancel(stage: Stage) -> None:
    """Cancel the order under the cursor; the first press goes to the list, so that the cursor is seen."""
    if cancel_at_cursor(stage):
        return
    orders = stage.desk.orders
    if not orders.has_focus:
        stage.desk.turn(Part.ORDERS)
        return
    order_id = orders.selected_id
    if order_id is not None and order_id not in stage.model.canceling:
        stage.work(stage.trader.cancel(order_id), "orders")


def _cancel_all(stage: Stage) -> None:
    """Ask, then cancel all open orders."""
    count = len(stage.model.orders or ())
    if not count:
        stage.note(Tone.PLAIN, "there are no open orders to cancel")
        return
    question = f"Cancel {'your open order' if count == 1 else f'all {count} open orders'}, in every market?"

    def answered(yes: bool | None) -> None:
        if yes:
            stage.work(stage.trader.cancel_all(), "orders")

    stage.screen.app.push_screen(ConfirmScreen(question), answered)
