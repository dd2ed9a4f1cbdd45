"""Handlers of the ladder's actions that work anywhere, and what other rooms' actions do at its cursor."""

from cryptex.tui.drawing import texts
from cryptex.tui.model import Tone
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from cryptex.tui.stage import Handlers, Stage


def ladder_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    return {
        "ladder.recentre": stage.desk.ladder.recentre,
        "ladder.still": lambda: _set(stage, "still", not stage.model.ladder.settings.still),
        "ladder.flash": lambda: _set(stage, "flash", not stage.model.ladder.settings.flash),
    }


def _set(stage: Stage, key: str, on: bool) -> None:
    complaint = stage.settings.change("ladder", key, on)
    stage.model.ladder.settings = stage.settings.value.ladder
    stage.desk.ladder.settle()
    if complaint:
        stage.note(Tone.WARN, complaint)


def cancel_at_cursor(stage: Stage) -> bool:
    """Cancel the own orders under the ladder's cursor; asks where there are several. False where there are none."""
    aim, terms = stage.desk.ladder.aim, stage.model.trading
    ids = [i for i in stage.desk.ladder.aimed_orders if i not in stage.model.working.canceling]
    if not ids or aim is None or terms is None:
        return False

    def cancel(yes: bool | None = True) -> None:
        for order_id in ids if yes else ():
            stage.work(stage.trader.cancel(order_id), "orders")

    if len(ids) == 1:
        cancel()
    else:
        question = f"Cancel your {len(ids)} orders at {texts.number(aim[1], terms.price_places)}?"
        stage.open(ConfirmScreen(question), cancel)
    return True
