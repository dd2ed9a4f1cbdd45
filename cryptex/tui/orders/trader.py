"""Sends orders and cancels, and finds out what became of them. Knows no widgets."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final
from uuid import uuid4

from cryptex.client.errors import CryptexError, OutcomeUnknownError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Order
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import OrderStatus
from cryptex.tui.drawing import texts
from cryptex.tui.model import TerminalModel, Terms, Tone
from cryptex.tui.orders import outcome
from cryptex.tui.orders.lookup import LOOKUP_PAUSE_S, look_up
from cryptex.tui.orders.outcome import Outcome, Phase
from cryptex.tui.orders.working import Flight, Way
from cryptex.tui.ticket.draft import Draft

__all__ = ["LOOKUP_PAUSE_S", "Trader"]

_FIELDS: Final = {
    Code.TICK_SIZE: "price",
    Code.PRICE_OUT_OF_BAND: "price",
    Code.WOULD_TAKE: "price",
    Code.STOP_WOULD_TRIGGER: "stop_price",
}
"""What a refusal is about, where its details do not name the field; else it is the size."""


class Trader:
    """Trades for the terminal's user.

    `report` hears what becomes of the newest order, the activity log hears all; `paint` shows a change at once.
    """

    def __init__(
        self,
        exchange: Exchange,
        model: TerminalModel,
        report: Callable[[Outcome], None],
        now_text: Callable[[], str],
        lookup_pause_s: float = LOOKUP_PAUSE_S,
        paint: Callable[[], None] = lambda: None,
    ) -> None:
        self._exchange = exchange
        self._model = model
        self._working = model.working
        self._report = report
        self._now_text = now_text
        self._pause_s = lookup_pause_s
        self._paint = paint
        self._newest = ""

    def submit(self, draft: Draft, terms: Terms, taken: Callable[[], None] = lambda: None) -> Coroutine[Any, Any, None]:
        """Return what places an order and reports its way; from now on the order counts as sent.

        An unknown outcome is resolved by its client_order_id. `taken` hears that the exchange took it.
        """
        key = self._newest = uuid4().hex
        self._working.begin(key, draft)
        return self._submit(key, draft, terms, taken)

    async def _submit(self, key: str, draft: Draft, terms: Terms, taken: Callable[[], None]) -> None:
        summary = draft.summary(terms)
        asyncio.get_running_loop().call_soon(self._submitting, key, summary)  # once the request is on its way
        try:
            order = await self._place(draft, key)
        except OutcomeUnknownError:
            self._working.turn(key, Way.UNKNOWN)
            self._tell(key, outcome.unknown(summary))
            await self._resolve(key, summary, terms, taken)
        except CryptexError as error:
            self._working.turn(key, Way.REJECTED, _field(error))
            self._tell(key, outcome.refused(error, summary))
        else:
            self._land(key, order, terms, "" if order.filled else f"{summary}: ", taken)

    def recall(self, flight: Flight) -> None:
        """Take an order of before whose outcome is not known."""
        self._working.begin(flight.key, flight.draft)
        self._working.turn(flight.key, Way.UNKNOWN)

    async def resolve(self, flight: Flight) -> None:
        """Find out what became of an order of before."""
        terms = self._model.terms.get(flight.draft.market)
        if terms is None:
            self._working.leave(flight.key)
            return
        await self._resolve(flight.key, flight.draft.summary(terms), terms, lambda: None)

    async def cancel(self, order_id: int) -> None:
        """Cancel an order; an unknown outcome is resolved by asking for it."""
        self._working.mark_canceling([order_id])
        asyncio.get_running_loop().call_soon(self._paint)
        try:
            order = await self._exchange.cancel_order(order_id)
            self._working.hear(order)
            self._note(Tone.PLAIN, f"{texts.words(order.status)} #{order.id}")
        except OutcomeUnknownError:
            self._note(Tone.WARN, f"cancel of #{order_id}: outcome unknown, asking the exchange")
            await self._resolve_cancel(order_id)
        except CryptexError as error:
            self._note(Tone.BAD, f"cancel of #{order_id}: {outcome.reason(error)}")
        finally:
            self._working.mark_canceling([order_id], done=True)
            self._paint()

    async def cancel_sent(self, key: str) -> None:
        """Cancel an order whose reply has not come yet, by its client_order_id."""
        self._working.cancel(key)
        self._paint()
        try:
            order = await self._exchange.cancel_order(client_order_id=key)
        except OutcomeUnknownError:
            self._working.cancel(key, done=True)
            self._note(Tone.WARN, "cancel: outcome unknown; the list of open orders will tell")
        except CryptexError as error:
            self._working.cancel(key, done=True)
            self._note(Tone.BAD, f"cancel: {outcome.reason(error)}")
            if error.code is Code.UNKNOWN_ORDER and self._working.is_left(key):
                self._working.drop(key)
        else:
            self._note(Tone.PLAIN, f"{texts.words(order.status)} #{order.id}")
            self._working.hear(order)
            if self._working.is_left(key):
                self._working.drop(key)
        self._paint()

    async def cancel_all(self) -> None:
        """Cancel all open orders of all markets."""
        ids = [order.id for order in self._working.newest(self._model.orders or ())]
        self._working.mark_canceling(ids)
        try:
            canceled = await self._exchange.cancel_all()
            self._note(Tone.PLAIN, f"canceled {len(canceled)} {'order' if len(canceled) == 1 else 'orders'}")
        except OutcomeUnknownError:
            self._note(Tone.WARN, "cancel all: outcome unknown; the list of open orders will tell")
        except CryptexError as error:
            self._note(Tone.BAD, f"cancel all: {outcome.reason(error)}")
        finally:
            self._working.mark_canceling(ids, done=True)
            self._paint()

    async def _resolve_cancel(self, order_id: int) -> None:
        try:
            found = await look_up(lambda: self._exchange.order(order_id), self._pause_s, lambda o: not o.is_open)
        except CryptexError as error:
            self._note(Tone.WARN, f"#{order_id} is still unknown: {outcome.reason(error)}")
            return
        if found is not None:
            self._working.hear(found)
        self._note(Tone.PLAIN, f"#{order_id} is {texts.words(found.status) if found else 'not known'}")

    async def _place(self, draft: Draft, key: str) -> Order:
        return await self._exchange.place_order(
            draft.market,
            draft.side,
            draft.size,
            type=draft.type,
            price=draft.price,
            quote_size=draft.quote_size,
            stop_price=draft.stop_price,
            time_in_force=draft.time_in_force,
            expires_at=draft.expires_at,
            post_only=draft.post_only,
            self_trade_prevention=draft.self_trade_prevention,
            client_order_id=key,
        )

    async def _resolve(self, key: str, summary: str, terms: Terms, taken: Callable[[], None]) -> None:
        try:
            order = await look_up(lambda: self._exchange.order(client_order_id=key), self._pause_s)
        except CryptexError as error:
            self._working.leave(key)
            self._tell(key, outcome.still_unknown(error, summary))
            return
        if order is None:
            self._working.turn(key, Way.REJECTED)
            self._tell(key, outcome.not_placed(summary))
        else:
            self._land(key, order, terms, "", taken)

    def _land(self, key: str, order: Order, terms: Terms, prefix: str, taken: Callable[[], None]) -> None:
        told = outcome.placed(order, terms)
        if order.status is OrderStatus.REJECTED:
            self._working.turn(
                key, Way.REJECTED, "" if order.reject_code is None else _FIELDS.get(order.reject_code, "")
            )
        else:
            self._working.land(key, order)
        if told.phase is Phase.DONE:
            taken()
        self._tell(key, told, prefix)

    def _submitting(self, key: str, summary: str) -> None:
        flight = self._working.flights.get(key)
        if flight is not None and flight.way is Way.SUBMITTING:
            self._tell(key, outcome.submitting(summary), log=False)

    def _tell(self, key: str, told: Outcome, prefix: str = "", *, log: bool = True) -> None:
        if key == self._newest:
            self._report(told)
        if log:
            self._note(told.tone, f"{prefix}{told.text}{told.advice}{told.more}")
        self._paint()

    def _note(self, tone: Tone, text: str) -> None:
        self._model.note(self._now_text(), tone, text)


def _field(error: CryptexError) -> str:
    named = error.details.get("field")
    if isinstance(named, str):
        return named
    return "" if error.code is None else _FIELDS.get(error.code, "size")
