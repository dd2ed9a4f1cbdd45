"""Amends open orders: by the ticket, or tick by tick. Knows no widgets.

For each order there is one request at a time and one goal. What is asked for meanwhile moves the goal, which is whole
values and not steps: nothing is lost, and nothing happens twice.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal

from cryptex.client.errors import CryptexError, OutcomeUnknownError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Order
from cryptex.protocol.terms import OrderStatus
from cryptex.tui.model import TerminalModel, Tone
from cryptex.tui.orders import outcome
from cryptex.tui.orders.lookup import LOOKUP_PAUSE_S, look_up
from cryptex.tui.orders.outcome import Outcome
from cryptex.tui.orders.working import Amendment, Wanted

Report = Callable[[Outcome], None]


class Amender:
    """Changes orders in place. A refused amendment leaves its order as it was."""

    def __init__(
        self,
        exchange: Exchange,
        model: TerminalModel,
        note: Callable[[Tone, str], None],
        lookup_pause_s: float = LOOKUP_PAUSE_S,
        paint: Callable[[], None] = lambda: None,
    ) -> None:
        self._exchange = exchange
        self._model = model
        self._working = model.working
        self._note = note
        self._pause_s = lookup_pause_s
        self._paint = paint
        self._busy: set[int] = set()
        self._reports: dict[int, Report] = {}

    def nudged(self, order: Order, ticks: int) -> Wanted | None:
        """Return the values of an order moved by ticks from where it is, or is going; None where it cannot move.

        A stop that waits moves with its limit.
        """
        terms, amendment = self._model.terms.get(order.market), self._working.amending.get(order.id)
        if terms is None:
            return None
        now = Wanted.of(order) if amendment is None else amendment.wanted
        step = terms.tick * ticks
        stop = _moved(now.stop_price, step) if order.status is OrderStatus.PENDING else now.stop_price
        moved = Wanted(_moved(now.price, step), stop, now.size)
        prices = [price for price in moved[:2] if price is not None]
        return moved if moved != now and all(price > 0 for price in prices) else None

    def aim(self, order: Order, wanted: Wanted, report: Report | None = None) -> bool:
        """Let these values be the goal of an order; returns whether it must be pursued now, or is already.

        `report` hears how it ends.
        """
        self._working.mark_amending(order.id, Amendment(wanted))
        if report is not None:
            self._reports[order.id] = report
        if order.id in self._busy:
            return False
        self._busy.add(order.id)
        return True

    async def pursue(self, order: Order) -> None:
        """Ask for the goal of an order until it has it, or will not get it."""
        asyncio.get_running_loop().call_soon(self._paint)  # once the request is on its way
        try:
            told = await self._pursue(order)
        finally:
            self._busy.discard(order.id)
            self._working.mark_amending(order.id, None)
            report = self._reports.pop(order.id, None)
        if told is not None:
            self._note(told.tone, f"{told.text}{told.advice}{told.more}")
            if report is not None:
                report(told)
        self._paint()

    async def _pursue(self, order: Order) -> Outcome | None:
        asked = False
        while True:
            wanted = self._working.amending[order.id].wanted
            if wanted == Wanted.of(order) or not order.is_open:
                return outcome.amended(order, self._model.terms.get(order.market)) if asked else None
            asked = True
            try:
                order = await self._ask(order, wanted)
            except OutcomeUnknownError:
                self._note(Tone.WARN, f"amend of #{order.id}: outcome unknown, asking the exchange")
                self._working.mark_amending(order.id, Amendment(wanted, unknown=True))
                found = await self._find(order, wanted)
                if isinstance(found, Outcome):
                    return found
                order = found
            except CryptexError as error:
                return outcome.not_amended(error, order.id)
            self._working.hear(order)
            self._paint()

    async def _ask(self, order: Order, wanted: Wanted) -> Order:
        now = Wanted.of(order)
        return await self._exchange.amend_order(
            order.id,
            price=_changed(wanted.price, now.price),
            size=_changed(wanted.size, now.size),
            stop_price=_changed(wanted.stop_price, now.stop_price),
        )

    async def _find(self, order: Order, wanted: Wanted) -> Order | Outcome:
        """Return the order once it is known to be as wanted, or to have ended; else what is known."""
        self._paint()

        def done(found: Order) -> bool:
            return Wanted.of(found) == wanted or not found.is_open

        try:
            found = await look_up(lambda: self._exchange.order(order.id), self._pause_s, done)
        except CryptexError as error:
            return outcome.still_unknown(error, f"amend of #{order.id}")
        if found is not None and done(found):
            return found
        if found is not None:
            self._working.hear(found)
        return Outcome(outcome.Phase.REJECTED, Tone.BAD, f"#{order.id} was not amended: it is as it was")


def _moved(price: Decimal | None, step: Decimal) -> Decimal | None:
    return None if price is None else price + step


def _changed(wanted: Decimal | None, now: Decimal | None) -> Decimal | None:
    return wanted if wanted != now else None
