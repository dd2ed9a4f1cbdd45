"""An exchange without a node: the SDK's surface, with the SDK's own replicas and subscriptions behind it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from cryptex.client.book_replica import BookReplica
from cryptex.client.chain import DataMessage, Replica
from cryptex.client.errors import CryptexError, error_for
from cryptex.client.models import (
    Candle,
    Entry,
    Fill,
    Health,
    Market,
    Me,
    Order,
    Page,
    Session,
    Simulation,
    User,
    Withdrawal,
)
from cryptex.client.replica import (
    CandlesReplica,
    FillsReplica,
    OrdersReplica,
    TickerReplica,
    TradesReplica,
    WalletReplica,
)
from cryptex.client.subscription import Feed, FeedKey, Subscription
from cryptex.protocol.problems import Code, problem
from cryptex.protocol.terms import (
    EntryKind,
    Interval,
    MarketState,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalStatus,
)
from cryptex.protocol.views import EntryView, FillView, OrderView

LATER = 100_000
"""Sequence of replies: after all that the channels of a scene have said."""

R = TypeVar("R", bound=Replica[Any])
N = TypeVar("N", Order, Fill, Entry)

TIME = "2026-11-22T15:40:03.123456Z"
MOMENT = datetime(2026, 11, 22, 15, 40, 3, 123456, tzinfo=UTC)


def refusal(code: Code, message: str) -> CryptexError:
    """Return the SDK's exception for a problem."""
    return error_for(problem(code, message))


def market(name: str, tick: str, lot: str, least: str = "5") -> Market:
    """Return a market."""
    base, quote = name.split("-")
    return Market(
        name,
        base,
        quote,
        Decimal(tick),
        Decimal(lot),
        Decimal(least),
        Decimal("0.0010"),
        Decimal("0.0010"),
        None,
        MarketState.OPEN,
    )


MARKETS = [
    market("BTC-USDT", "0.01", "0.00001"),
    market("ETH-USDT", "0.01", "0.0001"),
    market("SOL-USDT", "0.01", "0.001"),
    market("ETH-BTC", "0.00001", "0.001", "0.0001"),
]


def order_view(order_id: int, side: str, price: str | None, size: str, **fields: object) -> OrderView:
    """Return an open order; `fields` change it."""
    given: dict[str, object] = {
        "id": order_id,
        "user_id": 1,
        "client_order_id": None,
        "market": "BTC-USDT",
        "side": Side(side),
        "type": OrderType.LIMIT,
        "status": OrderStatus.OPEN,
        "price": price,
        "stop_price": None,
        "size": size,
        "quote_size": None,
        "filled": "0.00000",
        "remaining": size,
        "canceled_size": "0.00000",
        "average_price": None,
        "fees": {},
        "time_in_force": TimeInForce.GTC,
        "expires_at": None,
        "post_only": False,
        "self_trade_prevention": SelfTradePrevention.CANCEL_NEWEST,
        "reason": None,
        "reject_code": None,
        "created_at": TIME,
        "updated_at": TIME,
        "sequence": order_id,
    }
    return OrderView(**{**given, **fields})  # type: ignore[arg-type]


def as_order(view: OrderView) -> Order:
    """Return the SDK's order."""
    return msgspec.convert(view, Order, from_attributes=True)


def _page(rows: list[N], limit: int, before: int | None) -> Page[N]:
    """Return the newest rows before an id, as the node does."""
    older = sorted((row for row in rows if before is None or row.id < before), key=lambda row: -row.id)
    return Page(older[:limit], older[limit - 1].id if len(older) > limit else None)


@dataclass
class FakeExchange:
    """Answers what tests put into `answers` (by method; an exception is raised), else does the plain thing."""

    url: str = "http://127.0.0.1:7070"
    state: str = "closed"
    error: CryptexError | None = None
    latency_ms: float | None = None
    now_s: float = 100.0
    answers: dict[str, list[object]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """When set, placing waits for it."""
    resting: dict[int, OrderView] = field(default_factory=dict)
    past_orders: list[OrderView] = field(default_factory=list)
    past_fills: list[FillView] = field(default_factory=list)
    past_entries: list[EntryView] = field(default_factory=list)
    feeds: dict[FeedKey, Feed[Any]] = field(default_factory=dict)
    closed: int = 0
    simulation: Simulation | None = None

    def watch_book(self, name: str, depth: int = 25) -> Subscription[BookReplica]:
        return self._watch(FeedKey("book", name, depth=0 if depth == 25 else depth), BookReplica(name, depth))

    def watch_trades(self, name: str) -> Subscription[TradesReplica]:
        return self._watch(FeedKey("trades", name), TradesReplica(name))

    def watch_candles(self, name: str, interval: Interval) -> Subscription[CandlesReplica]:
        return self._watch(FeedKey("candles", name, interval=interval), CandlesReplica(name, interval))

    def watch_ticker(self, name: str) -> Subscription[TickerReplica]:
        return self._watch(FeedKey("ticker", name), TickerReplica(name))

    def watch_orders(self) -> Subscription[OrdersReplica]:
        return self._watch(FeedKey("orders"), OrdersReplica())

    def watch_fills(self) -> Subscription[FillsReplica]:
        return self._watch(FeedKey("fills"), FillsReplica())

    def watch_wallet(self) -> Subscription[WalletReplica]:
        return self._watch(FeedKey("wallet"), WalletReplica())

    def say(self, key: FeedKey, message: DataMessage) -> None:
        """Let a message of the node reach its feed."""
        self.feeds[key].take(message, self.now_s)

    async def connect(self) -> None:
        await self._answer("connect")
        self.state = "live"

    async def close(self) -> None:
        self.closed += 1
        self.state = "closed"

    def drop(self) -> None:
        """Lose the connection."""
        self.state = "reconnecting"
        for feed in self.feeds.values():
            feed.offline()

    async def register(self, username: str, password: str, email: str | None = None) -> User:
        await self._answer("register", username=username, password=password)
        return User(1, username, email, MOMENT)

    async def login(self, username: str, password: str, code: str | None = None) -> Session:
        given = {} if code is None else {"code": code}
        await self._answer("login", username=username, password=password, **given)
        return Session("token", 1, username, MOMENT)

    async def use_token(self, token: str) -> None:
        await self._answer("use_token", token=token)

    async def logout(self) -> None:
        await self._answer("logout")

    async def deposit(self, asset: str, amount: str, reference: str | None = None) -> Entry:
        await self._answer("deposit", asset=asset, amount=amount, reference=reference)
        return Entry(1, EntryKind.DEPOSIT, reference or "", 1, MOMENT, ())

    async def withdraw(self, asset: str, amount: str, address: str, reference: str | None = None) -> Withdrawal:
        answer = await self._answer("withdraw", asset=asset, amount=amount, address=address, reference=reference)
        if isinstance(answer, Withdrawal):
            return answer
        return Withdrawal(
            id=3,
            kind=EntryKind.WITHDRAWAL,
            asset=asset,
            amount=Decimal(amount),
            address=address,
            reference=reference,
            status=WithdrawalStatus.APPROVED,
            reason=None,
            txid=None,
            height=None,
            confirmations=0,
            confirmations_required=3,
            entry_id=9,
            postings=(),
            time=MOMENT,
            updated_at=MOMENT,
            sequence=1,
        )

    async def health(self) -> Health:
        await self._answer("health")
        return Health("ready", 1, 1, "0.1.0", self.simulation)

    async def me(self) -> Me:
        await self._answer("me")
        return Me(1, "alice", None, MOMENT, ("read", "trade"))

    async def markets(self) -> list[Market]:
        await self._answer("markets")
        return MARKETS

    async def candles(
        self, name: str, interval: Interval, *, limit: int | None = None, before: datetime | None = None
    ) -> Page[Candle]:
        """The newest are answered under a name of their own: every terminal asks for them as it opens."""
        method = "newest_candles" if before is None else "candles"
        answer = await self._answer(method, market=name, interval=interval, limit=limit, before=before)
        return answer if isinstance(answer, Page) else Page([])

    async def ping(self) -> float:
        await self._answer("ping")
        return 3.0

    async def place_order(self, name: str, side: Side, size: Decimal | None, **fields: object) -> Order:
        self.calls.append(("place_order", {"market": name, "side": side, "size": size, **fields}))
        if self.gate is not None:
            await self.gate.wait()
        answer = self._next("place_order")
        if isinstance(answer, OrderView):
            return as_order(answer)
        price = fields.get("price")
        key = {"client_order_id": fields.get("client_order_id"), "sequence": LATER}
        view = order_view(77, side.value, str(price) if price else None, str(size or 0), **key)
        if size is None:
            view = msgspec.structs.replace(view, size=None, quote_size=str(fields["quote_size"]))
        return as_order(view)

    async def order(self, order_id: int | None = None, *, client_order_id: str | None = None) -> Order:
        answer = await self._answer("order", order_id=order_id, client_order_id=client_order_id)
        assert isinstance(answer, OrderView)
        return as_order(answer)

    async def amend_order(self, order_id: int, **changes: Decimal | None) -> Order:
        """Give one of `resting` its new values, as the node would: with a later sequence."""
        asked = {name: value for name, value in changes.items() if value is not None}
        self.calls.append(("amend_order", {"order_id": order_id, **asked}))
        if self.gate is not None:
            await self.gate.wait()
        answer = self._next("amend_order")
        if isinstance(answer, OrderView):
            return as_order(answer)
        view = self.resting[order_id]
        fields: dict[str, object] = {name: str(value) for name, value in asked.items()}
        changed = msgspec.structs.replace(view, **fields, sequence=LATER + len(self.calls))
        self.resting[order_id] = changed
        return as_order(changed)

    async def cancel_order(self, order_id: int | None = None, *, client_order_id: str | None = None) -> Order:
        named = {"order_id": order_id} if order_id is not None else {"client_order_id": client_order_id}
        await self._answer("cancel_order", **named)
        fields = {
            "status": OrderStatus.CANCELED,
            "client_order_id": client_order_id,
            "sequence": LATER + len(self.calls),
        }
        return as_order(order_view(order_id or 77, "buy", "1.00", "1.00000", **fields))

    async def cancel_on_disconnect(self, enabled: bool = True) -> None:
        await self._answer("cancel_on_disconnect", enabled=enabled)

    async def cancel_after(self, seconds: int) -> datetime | None:
        await self._answer("cancel_after", seconds=seconds)
        return MOMENT if seconds else None

    async def cancel_all(self, name: str | None = None) -> list[int]:
        await self._answer("cancel_all", market=name)
        return list(self.resting)

    async def orders(self, *, limit: int, before: int | None = None) -> Page[Order]:
        await self._answer("orders", before=before)
        return _page([as_order(view) for view in self.past_orders], limit, before)

    async def fills(self, *, limit: int, before: int | None = None) -> Page[Fill]:
        await self._answer("fills", before=before)
        return _page([msgspec.convert(view, Fill, from_attributes=True) for view in self.past_fills], limit, before)

    async def entries(self, *, limit: int, before: int | None = None) -> Page[Entry]:
        await self._answer("entries", before=before)
        return _page([msgspec.convert(view, Entry, from_attributes=True) for view in self.past_entries], limit, before)

    def called(self, method: str) -> list[dict[str, object]]:
        """Return what a method was called with."""
        return [fields for name, fields in self.calls if name == method]

    async def _answer(self, method: str, **fields: object) -> object:
        self.calls.append((method, fields))
        return self._next(method)

    def _next(self, method: str) -> object:
        waiting = self.answers.get(method)
        answer = waiting.pop(0) if waiting else None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _watch(self, key: FeedKey, replica: R) -> Subscription[R]:
        feed = self.feeds.get(key)
        if feed is None:
            feed = self.feeds[key] = Feed(key, replica)

        async def release() -> None:
            self.calls.append(("unsubscribe", {"key": key}))

        return Subscription(feed, release)
