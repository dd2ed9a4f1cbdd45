"""Reads the account's past from the exchange: only what a panel shows, page by page, and again where it is outdated."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar

from cryptex.client.errors import CryptexError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Balance, Entry, Fill, Order
from cryptex.tui.account.paged import Paged
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.model import TerminalModel

PAGE_ROWS: Final = 100
LEDGER_PAUSE_S: Final = 1.0
"""The shortest time between two readings of the ledger while balances move."""
VALUE_PAUSE_S: Final = 1.0
"""How often the wallet is valued anew while prices move."""

T = TypeVar("T")
Ask = Callable[[int | None], Awaitable[tuple[list[T], int | None]]]


class AccountReader:
    """`work` runs a task beside the frames."""

    def __init__(
        self,
        exchange: Exchange,
        model: TerminalModel,
        work: Callable[[Coroutine[Any, Any, None]], None],
        clock: Callable[[], float],
    ) -> None:
        self._exchange = exchange
        self._model = model
        self._work = work
        self._clock = clock
        self._was_live = False
        self._balances: tuple[Balance, ...] | None = None
        """As of the last reading of the ledger."""
        self._read_s = 0.0
        self._valued_s = 0.0

    def frame(self, shown: Mapping[Part, bool], *, live: bool) -> None:
        """Read what the panels that are shown lack; each says whether it is at the end of its rows."""
        now_s, account = self._clock(), self._model.account
        if self._was_live and not live:
            for paged in (account.history, account.fills, account.ledger):
                paged.lose()
        self._was_live = live
        if not live:
            return
        self._look_at_ledger(now_s)
        valued = Part.WALLET in shown
        self._read(account.history, self._history, now_s, more=shown.get(Part.HISTORY))
        self._read(account.fills, self._fills, now_s, more=valued or shown.get(Part.FILLS))
        self._read(account.ledger, self._ledger, now_s, more=shown.get(Part.LEDGER))
        if valued and now_s - self._valued_s >= VALUE_PAUSE_S:
            self._valued_s = now_s
            self._model.revalue()

    def _read(self, paged: Paged[T], ask: Ask[T], now_s: float, *, more: bool | None) -> None:
        """Read a page if one is wanted; `more` says whether older rows are, and is None where nobody looks."""
        if more is not None and paged.wants_page(now_s, more=more):
            self._work(self._load(paged, ask, paged.ask()))

    async def _load(self, paged: Paged[T], ask: Ask[T], before: int | None) -> None:
        try:
            rows, following = await ask(before)
        except CryptexError as error:
            paged.fail(texts.plain(str(error)), self._clock())
        else:
            paged.take(rows, before, following)

    def _look_at_ledger(self, now_s: float) -> None:
        """Read the ledger again when balances moved since the last reading."""
        ledger, balances = self._model.account.ledger, self._model.balances
        if not ledger.begun:
            self._balances = self._balances if ledger.loading else balances
        elif balances is not self._balances and now_s - self._read_s >= LEDGER_PAUSE_S:
            self._balances, self._read_s = balances, now_s
            ledger.outdated = True

    async def _history(self, before: int | None) -> tuple[list[Order], int | None]:
        page = await self._exchange.orders(limit=PAGE_ROWS, before=before)
        return [order for order in page if not order.is_open], _number(page.next)

    async def _fills(self, before: int | None) -> tuple[list[Fill], int | None]:
        page = await self._exchange.fills(limit=PAGE_ROWS, before=before)
        return list(page), _number(page.next)

    async def _ledger(self, before: int | None) -> tuple[list[Entry], int | None]:
        page = await self._exchange.entries(limit=PAGE_ROWS, before=before)
        return list(page), _number(page.next)


def _number(following: int | str | None) -> int | None:
    return None if following is None else int(following)
