"""What the sender of a command is told: the engine's answer, and the order it was about as it stood right then."""

from collections.abc import Callable
from typing import Final

from cryptex.engine.exchange import Exchange
from cryptex.node.applied import Reply
from cryptex.protocol.commands import Command
from cryptex.protocol.events import OrderAccepted, OrderAmended, OrderEnded, OrderRejected, OrderRepeated
from cryptex.protocol.order import Order
from cryptex.protocol.render import order_view
from cryptex.protocol.views import OrderView

FindClosed = Callable[[int, int], Order | None]
"""Finds a closed order that is still in memory, by account and order id."""

_ABOUT_AN_ORDER: Final = (OrderAccepted, OrderRejected, OrderRepeated, OrderEnded, OrderAmended)


class Answers:
    """Makes replies, and remembers what each account was told last."""

    def __init__(self, exchange: Exchange, find_closed: FindClosed) -> None:
        self.acknowledged: dict[int, int] = {}
        """The sequence of the last command that each account was answered."""
        self._exchange = exchange
        self._find_closed = find_closed

    def reply(self, command: Command) -> Reply:
        """Return the reply to the command that was just applied."""
        exchange = self._exchange
        answer, sequence = exchange.answer, exchange.sequence
        account_id: int = getattr(command, "account_id", 0) or getattr(answer, "account_id", 0)
        if account_id:
            self.acknowledged[account_id] = sequence
        view: OrderView | None = None
        if isinstance(answer, _ABOUT_AN_ORDER):
            order = exchange.order(answer.order_id) or self._find_closed(answer.account_id, answer.order_id)
            if order is not None:
                market = exchange.definition(order.request.market)
                view = order_view(order, market, duplicate=type(answer) is OrderRepeated)
        return Reply(answer, view, sequence, exchange.time_ns)
