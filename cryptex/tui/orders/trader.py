"""Sends orders and cancels, and finds out what became of them. Knows no widgets."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import uuid4

from cryptex.client.errors import CryptexError, OutcomeUnknownError, UnavailableError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Order
from cryptex.protocol.problems import Code
from cryptex.tui.drawing import texts
from cryptex.tui.model import TerminalModel, Terms, Tone
from cryptex.tui.orders import outcome
from cryptex.tui.orders.outcome import Outcome
from cryptex.tui.ticket.draft import Draft

LOOKUP_PAUSE_S: Final = 1.0
LOOKUPS_MAX: Final = 3
"""How often the exchange must say that it has no such order before that is believed: the request may be under way."""

Ask = Callable[[], Awaitable[Order]]


class Trader:
    """Trades for the terminal's user. `report` hears what becomes of the newest order; the activity log hears all."""

    def __init__(
        self,
        exchange: Exchange,
        model: TerminalModel,
        report: Callable[[Outcome], None],
        now_text: Callable[[], str],
        lookup_pause_s: float = LOOKUP_PAUSE_S,
    ) -> None:
        self._exchange = exchange
        self._model = model
        self._report = report
        self._now_text = now_text
        self._lookup_pause_s = lookup_pause_s
        self._newest = ""

    async def submit(self, draft: Draft, terms: Terms) -> None:
        """Place an order and report its way; an unknown outcome is resolved by its client_order_id."""
        key = uuid4().hex
        self._newest = key
        summary = draft.summary(terms)
        self._tell(key, outcome.submitting(summary), log=False)
        try:
            order = await self._place(draft, key)
        except OutcomeUnknownError:
            self._tell(key, outcome.unknown(summary))
            self._tell(key, await self._resolve(key, summary, terms))
        except CryptexError as error:
            self._tell(key, outcome.refused(error, summary))
        else:
            self._tell(key, outcome.placed(order, terms), "" if order.filled else f"{summary}: ")

    async def cancel(self, order_id: int) -> None:
        """Cancel an order; an unknown outcome is resolved by asking for it."""
        self._model.mark_canceling([order_id])
        try:
            order = await self._exchange.cancel_order(order_id)
            self._note(Tone.PLAIN, f"{texts.words(order.status)} #{order.id}")
        except OutcomeUnknownError:
            self._note(Tone.WARN, f"cancel of #{order_id}: outcome unknown, asking the exchange")
            await self._resolve_cancel(order_id)
        except CryptexError as error:
            self._note(Tone.BAD, f"cancel of #{order_id}: {outcome.reason(error)}")
        finally:
            self._model.mark_canceling([order_id], done=True)

    async def cancel_all(self) -> None:
        """Cancel all open orders of all markets."""
        ids = [order.id for order in self._model.orders or ()]
        self._model.mark_canceling(ids)
        try:
            canceled = await self._exchange.cancel_all()
            self._note(Tone.PLAIN, f"canceled {len(canceled)} {'order' if len(canceled) == 1 else 'orders'}")
        except OutcomeUnknownError:
            self._note(Tone.WARN, "cancel all: outcome unknown; the list of open orders will tell")
        except CryptexError as error:
            self._note(Tone.BAD, f"cancel all: {outcome.reason(error)}")
        finally:
            self._model.mark_canceling(ids, done=True)

    async def _resolve_cancel(self, order_id: int) -> None:
        try:
            found = await self._look_up(lambda: self._exchange.order(order_id))
        except CryptexError as error:
            self._note(Tone.WARN, f"#{order_id} is still unknown: {outcome.reason(error)}")
            return
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

    async def _resolve(self, key: str, summary: str, terms: Terms) -> Outcome:
        try:
            order = await self._look_up(lambda: self._exchange.order(client_order_id=key))
        except CryptexError as error:
            return outcome.still_unknown(error, summary)
        return outcome.not_placed(summary) if order is None else outcome.placed(order, terms)

    async def _look_up(self, ask: Ask) -> Order | None:
        """Ask until the exchange answers; return None once it has said often enough that it has no such order.

        Raises CryptexError where asking again would not help.
        """
        misses = 0
        while misses < LOOKUPS_MAX:
            try:
                return await ask()
            except (UnavailableError, OutcomeUnknownError):
                pass  # not connected now: ask again when it is
            except CryptexError as error:
                if error.code is not Code.UNKNOWN_ORDER:
                    raise
                misses += 1
            await asyncio.sleep(self._lookup_pause_s)
        return None

    def _tell(self, key: str, told: Outcome, prefix: str = "", *, log: bool = True) -> None:
        if key == self._newest:
            self._report(told)
        if log:
            self._note(told.tone, f"{prefix}{told.text}{told.advice}{told.more}")

    def _note(self, tone: Tone, text: str) -> None:
        self._model.note(self._now_text(), tone, text)
