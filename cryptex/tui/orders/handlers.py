"""Handlers of the actions on one's own orders that work anywhere."""

from functools import partial

from cryptex.tui.desk.part import Part
from cryptex.tui.ladder.handlers import cancel_at_cursor
from cryptex.tui.model import TerminalModel, Tone
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from cryptex.tui.orders.rows import Row
from cryptex.tui.orders.safeguards import Guard
from cryptex.tui.orders.working import Way
from cryptex.tui.stage import Handlers, Stage
from cryptex.tui.ticket.sending import Sender


def order_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    table, safeguards = stage.desk.orders, stage.model.safeguards
    table.nudge = partial(_nudge, stage)
    table.caps = {
        Guard.DISCONNECT: stage.keymap.cap_of("orders.on_disconnect"),
        Guard.DEAD_MAN: stage.keymap.cap_of("orders.dead_man"),
    }
    safeguards.seconds = stage.settings.value.orders.dead_man_seconds
    return {
        "orders.cancel": partial(_cancel, stage),
        "orders.cancel_all": partial(_cancel_all, stage),
        "orders.amend": partial(_amend, stage),
        "orders.on_disconnect": partial(safeguards.toggle, Guard.DISCONNECT),
        "orders.dead_man": partial(safeguards.toggle, Guard.DEAD_MAN),
    }


def _chosen(stage: Stage) -> Row | None:
    """Return the row under the cursor; the first press goes to the list, so that the cursor is seen."""
    table = stage.desk.orders
    if table.has_focus:
        return table.selected_row
    stage.desk.turn(Part.ORDERS)
    return None


def _cancel(stage: Stage) -> None:
    """Cancel the chosen order, also one whose reply has not come; put a rejected one away."""
    if cancel_at_cursor(stage):
        return
    row, working = _chosen(stage), stage.model.working
    if row is None:
        return
    if row.order is not None:
        if row.order.id not in working.canceling:
            stage.work(stage.trader.cancel(row.order.id), "orders")
    elif row.flight is not None and row.flight.way is Way.REJECTED:
        working.drop(row.flight.key)
    elif row.flight is not None and not row.flight.canceling:
        stage.work(stage.trader.cancel_sent(row.flight.key), "orders")


def _amend(stage: Stage) -> None:
    """Take the chosen order into the ticket: to amend it, or (a rejected one) to send it anew."""
    row = _chosen(stage)
    if row is None:
        return
    if row.flight is not None:
        if row.flight.way is Way.REJECTED:
            Sender(stage).edit(row.flight)
        return
    order = row.order
    if order is None:
        return
    if order.market not in stage.model.terms:
        stage.note(Tone.BAD, f"{order.market} is not on the list of markets")
        return
    stage.desk.bring(Part.TICKET)
    stage.desk.ticket.amend(order)
    if order.market != stage.model.market:
        stage.turn_market(order.market)


def _nudge(stage: Stage, row: Row, ticks: int) -> None:
    """Move the chosen order by ticks; presses that come faster than replies add up."""
    order = row.order
    if order is None or order.id in stage.model.working.canceling:
        return
    wanted = stage.amender.nudged(order, ticks)
    if wanted is None:
        stage.note(Tone.PLAIN, f"#{order.id} has no price to move")
    elif stage.amender.aim(order, wanted):
        stage.work(stage.amender.pursue(order), "orders")


def _cancel_all(stage: Stage) -> None:
    """Ask, then cancel all open orders; also those that the list does not know, or may not."""
    count = _count_open(stage.model)
    if count == 0:
        stage.note(Tone.PLAIN, "there are no open orders to cancel")
        return
    named = "all open orders" if count is None else "your open order" if count == 1 else f"all {count} open orders"
    question = f"Cancel {named}, in every market?"

    def answered(yes: bool | None) -> None:
        if yes:
            stage.work(stage.trader.cancel_all(), "orders")

    stage.open(ConfirmScreen(question), answered)


def _count_open(model: TerminalModel) -> int | None:
    """Return how many orders are open; None where that is not known."""
    working = model.working
    if model.orders is None or not model.fresh.orders_live:
        return None
    if any(flight.is_unanswered for flight in working.flights.values()):
        return None
    return len(working.newest(model.orders))
