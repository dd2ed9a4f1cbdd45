"""Queries over history: pages of what an account, or the public, may read; newest first, as views.

A page begins before the id `before` and holds `limit` items; its `next`, where there is more, is the `before` of the
page after it. Any thread may ask.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, TypeVar

from sqlalchemy import ColumnElement, TextClause
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cryptex.protocol import render
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.terms import Interval, OrderStatus, WithdrawalStatus
from cryptex.protocol.times import time_text
from cryptex.protocol.views import (
    CandleList,
    CandleView,
    EntryList,
    EntryView,
    FillList,
    FillView,
    OrderList,
    OrderView,
    TradeList,
)
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.history_database import open_reader
from cryptex.store.projector import BookRow
from cryptex.store.rows import (
    asset_from,
    fill_from,
    levels_from,
    market_from,
    order_from,
    posting_from,
    trade_from,
    withdrawal_from,
)
from cryptex.store.tables import (
    ALIVE,
    StoredAsset,
    StoredBook,
    StoredCandle,
    StoredEntry,
    StoredFill,
    StoredMarket,
    StoredMeta,
    StoredOrder,
    StoredPosting,
    StoredTrade,
    StoredWithdrawal,
)

PAGE_LIMIT_DEFAULT: Final = 100
PAGE_LIMIT_MAX: Final = 1_000

R = TypeVar("R")


class History:
    """Reads what the projector landed. Closed with `close`."""

    def __init__(self, location: Path | str) -> None:
        """Open history in a data folder or at a database URL. Raises SchemaTooNew."""
        self._engine: Final = open_reader(location)
        self._definitions: Final[dict[int, Market]] = {}

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def cursor(self) -> int:
        """Return the sequence up to which history has landed."""
        with Session(self._engine) as session:
            return session.exec(select(StoredMeta.cursor)).one()

    def orders(
        self,
        account_id: int,
        *,
        status: OrderStatus | Literal["open"] | None = None,
        market: str | None = None,
        limit: int = PAGE_LIMIT_DEFAULT,
        before: int | None = None,
    ) -> OrderList:
        """Return an account's orders. The status `open` means all that are alive, the others exactly themselves."""
        query = select(StoredOrder).where(StoredOrder.account_id == account_id)
        if status is not None:
            query = query.where(_has_status(OrderStatus(status)))
        if market is not None:
            query = query.where(StoredOrder.market == market)
        if before is not None:
            query = query.where(StoredOrder.order_id < before)
        with Session(self._engine) as session:
            query = query.order_by(col(StoredOrder.order_id).desc())
            found, more = _page(session, query, limit)
            views = [self._order_view(session, row) for row in found]
        return OrderList(views, views[-1].id if more else None)

    def order(self, account_id: int, order_id: int) -> OrderView | None:
        """Return an account's own order, or None."""
        query = select(StoredOrder).where(StoredOrder.order_id == order_id, StoredOrder.account_id == account_id)
        return self._first_order(query)

    def order_by_client_id(self, account_id: int, client_order_id: str) -> OrderView | None:
        """Return the newest order that an account placed under a client_order_id and that was not rejected, or None."""
        query = select(StoredOrder).where(
            StoredOrder.account_id == account_id,
            StoredOrder.client_order_id == client_order_id,
            StoredOrder.status != OrderStatus.REJECTED.value,
        )
        return self._first_order(query.order_by(col(StoredOrder.order_id).desc()))

    def fills(
        self,
        account_id: int,
        *,
        market: str | None = None,
        order_id: int | None = None,
        limit: int = PAGE_LIMIT_DEFAULT,
        before: int | None = None,
    ) -> FillList:
        """Return an account's fills, of one market or order where that is given."""
        query = select(StoredFill).where(StoredFill.account_id == account_id)
        if market is not None:
            query = query.where(StoredFill.market == market)
        if order_id is not None:
            query = query.where(StoredFill.order_id == order_id)
        if before is not None:
            query = query.where(StoredFill.fill_id < before)
        with Session(self._engine) as session:
            found, more = _page(session, query.order_by(col(StoredFill.fill_id).desc()), limit)
            views = [self._fill_view(session, row) for row in found]
        return FillList(views, views[-1].id if more else None)

    def entries(self, account_id: int, *, limit: int = PAGE_LIMIT_DEFAULT, before: int | None = None) -> EntryList:
        """Return the ledger entries that touch an account, each with the account's own lines alone."""
        own = select(StoredPosting.entry_id).where(StoredPosting.account_id == account_id).distinct()
        if before is not None:
            own = own.where(StoredPosting.entry_id < before)
        with Session(self._engine) as session:
            ids, more = _page(session, own.order_by(col(StoredPosting.entry_id).desc()), limit)
            views = self._entry_views(session, account_id, ids)
        return EntryList(views, views[-1].id if more else None)

    def withdrawals(
        self,
        account_id: int | None,
        *,
        status: WithdrawalStatus | None = None,
        limit: int = PAGE_LIMIT_DEFAULT,
        before: int | None = None,
    ) -> tuple[list[Withdrawal], int | None]:
        """Return withdrawals of an account, or (None) of all, and the `before` of the next page."""
        query = select(StoredWithdrawal)
        if account_id is not None:
            query = query.where(StoredWithdrawal.account_id == account_id)
        if status is not None:
            query = query.where(StoredWithdrawal.status == status.value)
        if before is not None:
            query = query.where(StoredWithdrawal.withdrawal_id < before)
        with Session(self._engine) as session:
            found, more = _page(session, query.order_by(col(StoredWithdrawal.withdrawal_id).desc()), limit)
            withdrawals = [withdrawal_from(row) for row in found]
        return withdrawals, withdrawals[-1].withdrawal_id if more else None

    def trades(self, market: str, *, limit: int = PAGE_LIMIT_DEFAULT, before: int | None = None) -> TradeList:
        """Return a market's trades."""
        query = select(StoredTrade).where(StoredTrade.market == market)
        if before is not None:
            query = query.where(StoredTrade.trade_id < before)
        with Session(self._engine) as session:
            found, more = _page(session, query.order_by(col(StoredTrade.trade_id).desc()), limit)
            views = [
                render.trade_view(trade_from(row), self._market(session, row.market_id), row.time_ns) for row in found
            ]
        return TradeList(views, views[-1].id if more else None)

    def candles(
        self, market: str, interval: Interval, *, limit: int = PAGE_LIMIT_DEFAULT, before_ns: int | None = None
    ) -> CandleList:
        """Return a market's candles that begin before `before_ns`."""
        query = select(StoredCandle).where(StoredCandle.market == market, StoredCandle.interval == interval.value)
        if before_ns is not None:
            query = query.where(StoredCandle.time_ns < before_ns)
        with Session(self._engine) as session:
            found, more = _page(session, query.order_by(col(StoredCandle.time_ns).desc()), limit)
            views = [_candle_view(row, self._market(session, row.market_id)) for row in found]
        return CandleList(views, views[-1].time if more else None)

    def book(self, market: str) -> BookRow | None:
        """Return the last stored order book of a market, or None."""
        with Session(self._engine) as session:
            row = session.get(StoredBook, market)
        if row is None:
            return None
        bids, asks = levels_from(row)
        return BookRow(market=row.market, sequence=row.sequence, time_ns=row.time_ns, bids=bids, asks=asks)

    def _first_order(self, query: SelectOfScalar[StoredOrder]) -> OrderView | None:
        with Session(self._engine) as session:
            row = session.exec(query.limit(1)).first()
            return None if row is None else self._order_view(session, row)

    def _order_view(self, session: Session, row: StoredOrder) -> OrderView:
        return render.order_view(order_from(row), self._market(session, row.market_id))

    def _fill_view(self, session: Session, row: StoredFill) -> FillView:
        return render.fill_view(fill_from(row), self._market(session, row.market_id), row.sequence, row.time_ns)

    def _entry_views(self, session: Session, account_id: int, ids: Sequence[int]) -> list[EntryView]:
        assets = _assets(session)
        lines: dict[int, list[StoredPosting]] = {entry_id: [] for entry_id in ids}
        own = select(StoredPosting).where(StoredPosting.account_id == account_id)
        own = own.where(col(StoredPosting.entry_id).in_(ids)).order_by(col(StoredPosting.line))
        for line in session.exec(own):
            lines[line.entry_id].append(line)
        found = session.exec(select(StoredEntry).where(col(StoredEntry.entry_id).in_(ids)))
        entries = {entry.entry_id: entry for entry in found}
        return [_entry_view(entries[entry_id], lines[entry_id], assets) for entry_id in ids]

    def _market(self, session: Session, market_id: int) -> Market:
        """Return a definition of a market. What ticks and lots mean in it never changes, so it is kept."""
        market = self._definitions.get(market_id)
        if market is None:
            row = session.exec(select(StoredMarket).where(StoredMarket.market_id == market_id)).one()
            assets = _assets(session)
            market = self._definitions[market_id] = market_from(row, assets[row.base], assets[row.quote])
        return market


def _page(session: Session, query: SelectOfScalar[R], limit: int) -> tuple[Sequence[R], bool]:
    """Return at most `limit` results, and whether there are more. Raises ValueError for a limit out of bounds."""
    if not 1 <= limit <= PAGE_LIMIT_MAX:
        raise ValueError(f"limit must be 1-{PAGE_LIMIT_MAX}")
    found = session.exec(query.limit(limit + 1)).all()
    return found[:limit], len(found) > limit


def _has_status(status: OrderStatus) -> TextClause | ColumnElement[bool]:
    """Return the condition on an order's row that a status in a request stands for."""
    return ALIVE if status is OrderStatus.OPEN else col(StoredOrder.status) == status.value


def _assets(session: Session) -> dict[str, Asset]:
    return {row.symbol: asset_from(row) for row in session.exec(select(StoredAsset))}


def _entry_view(entry: StoredEntry, lines: list[StoredPosting], assets: dict[str, Asset]) -> EntryView:
    postings = [posting_from(line, entry) for line in lines]
    return render.entry_view(postings, assets, entry.sequence, entry.time_ns)


def _candle_view(row: StoredCandle, market: Market) -> CandleView:
    return CandleView(
        time=time_text(row.time_ns),
        open=market.price_text(row.open_ticks),
        high=market.price_text(row.high_ticks),
        low=market.price_text(row.low_ticks),
        close=market.price_text(row.close_ticks),
        volume=market.size_text(int(row.volume_steps) // market.lot_steps),
        trades=row.trades,
    )
