"""What the terminal shows, folded from subscriptions: plain state without input, output or clock.

Every part has a version that grows when it changes; a widget redraws when its part's version moved. Times are seconds
of a monotonic clock, passed in.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from cryptex.client.models import Balance, Candle, Fill, Level, Market, Order, Ticker, Trade
from cryptex.protocol.printable import is_harmless
from cryptex.protocol.terms import MarketState
from cryptex.tui.account.state import AccountState
from cryptex.tui.alerts.book import AlertBook
from cryptex.tui.chart.state import ChartState
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.ladder.queue import Place
from cryptex.tui.ladder.state import LadderState
from cryptex.tui.market.watch import MarketWatch
from cryptex.tui.orders.freshness import Freshness
from cryptex.tui.orders.safeguards import Safeguards
from cryptex.tui.orders.working import Working

STALE_AFTER_S: Final = 6.0
"""How long the node may be silent (pings included) before what is shown counts as stale."""
ACTIVITY_MAX: Final = 200
TAPE_MAX: Final = 200
MARKETS_MAX: Final = 64
"""Markets listed, and tickers followed, at most."""


class Tone(StrEnum):
    """How a line of activity is meant."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"


TONE_INKS: Final = {Tone.PLAIN: Ink.MUTED, Tone.GOOD: Ink.GOOD, Tone.BAD: Ink.BAD, Tone.WARN: Ink.ACCENT}


class Link(StrEnum):
    """What the connection is to a trader."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    RECONNECTING = "reconnecting"
    OFFLINE = "offline"


class Connection(NamedTuple):
    """The link; `age_s` is how old the data is, in whole seconds, where that matters."""

    link: Link
    age_s: int | None = None
    latency_ms: float | None = None

    @property
    def is_stale(self) -> bool:
        """Whether data on the screen may no longer be true."""
        return self.link is not Link.LIVE


class Note(NamedTuple):
    """A line of activity."""

    time: str
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The market being traded and how its numbers are written."""

    market: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    min_notional: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    state: MarketState = MarketState.OPEN
    """As it was when the terminal was opened; tickers say what it is now."""

    @classmethod
    def of(cls, market: Market) -> "Terms":
        """Return the terms of the SDK's market."""
        return cls(
            market.market,
            market.base,
            market.quote,
            market.tick_size,
            market.lot_size,
            market.min_notional,
            market.maker_fee,
            market.taker_fee,
            market.state,
        )

    @property
    def price_places(self) -> int:
        """Decimals of a price."""
        return texts.places_of(self.tick)

    @property
    def size_places(self) -> int:
        """Decimals of a size."""
        return texts.places_of(self.lot)


@dataclass(frozen=True, slots=True)
class Depth:
    """The best levels of the book, best first."""

    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()

    @property
    def spread(self) -> Decimal | None:
        """Best ask minus best bid, where both are."""
        return self.asks[0].price - self.bids[0].price if self.asks and self.bids else None


class TerminalModel:
    """Everything on the trading screen. Methods named `set_` fold one source in and raise its parts' versions."""

    def __init__(self) -> None:
        self.versions: dict[Part, int] = dict.fromkeys(Part, 0)
        self.username = ""
        self.cap_of: Callable[[str], str] = str
        """The keys in force of an action, for texts that say what to do next."""
        self.terms: dict[str, Terms] = {}
        self.market = ""
        self.depth: Depth | None = None
        self.trades: tuple[Trade, ...] | None = None
        self.tickers: dict[str, Ticker] = {}
        self.orders: tuple[Order, ...] | None = None
        self.balances: tuple[Balance, ...] | None = None
        self.activity: deque[Note] = deque(maxlen=ACTIVITY_MAX)
        self.working = Working(lambda: self._changed(Part.ORDERS))
        self.safeguards = Safeguards(lambda: self._changed(Part.ORDERS))
        self.fresh = Freshness()
        self.watch = MarketWatch()
        self.ladder = LadderState()
        self.account = AccountState(self._changed)
        self.alerts = AlertBook(lambda: self._changed(Part.ALERTS))
        self.last_heard_s: float | None = None
        self.latency_ms: float | None = None
        self.chart = ChartState(lambda: self._changed(Part.CHART))

    @property
    def trading(self) -> Terms | None:
        """Terms of the chosen market, once known."""
        return self.terms.get(self.market)

    @property
    def last(self) -> Decimal | None:
        """Price of the last trade of the chosen market."""
        if self.trades:
            return self.trades[0].price
        ticker = self.tickers.get(self.market)
        return ticker.last if ticker else None

    @property
    def state(self) -> MarketState:
        """What the chosen market accepts."""
        ticker, terms = self.tickers.get(self.market), self.trading
        if ticker is not None:
            return ticker.state
        return MarketState.OPEN if terms is None else terms.state

    @property
    def direction(self) -> int:
        """1 when the last trade's price was above the one before it that differed, -1 when below, else 0."""
        trades = self.trades or ()
        for earlier in trades[1:]:
            if earlier.price != trades[0].price:
                return 1 if trades[0].price > earlier.price else -1
        return 0

    def available(self, asset: str) -> Decimal | None:
        """Return what can be spent of an asset, or None when not known."""
        if self.balances is None:
            return None
        return next((b.available for b in self.balances if b.asset == asset), Decimal(0))

    def order(self, order_id: int) -> Order | None:
        """Return an own open order."""
        return next((o for o in self.orders or () if o.id == order_id), None)

    def set_markets(self, markets: Iterable[Market]) -> None:
        """Take what is traded; chooses the first market when none is chosen yet. Names unfit to print are left out."""
        fit = [m for m in markets if all(map(is_harmless, f"{m.market}{m.base}{m.quote}"))]
        self.terms = {m.market: Terms.of(m) for m in fit[:MARKETS_MAX]}
        if self.market not in self.terms:
            self.market = next(iter(self.terms), "")
        self.watch.markets_told = True
        self._changed(Part.MARKETS, Part.LADDER, Part.TICKET, Part.CHART, Part.TAPE)

    def choose(self, market: str) -> None:
        """Turn to another market: what belonged to the old one is forgotten."""
        self.market = market
        self.depth = None
        self.trades = None
        self.watch.turn()
        self.ladder.turn()
        self.chart.forget()
        self._changed(Part.LADDER, Part.TAPE, Part.TICKET, Part.MARKETS, Part.ORDERS)

    def set_book(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Take the best levels, best first."""
        depth = Depth(tuple(bids), tuple(asks))
        if depth != self.depth:
            self.depth = depth
            self._changed(Part.LADDER)

    def set_places(self, places: tuple[Place, ...]) -> None:
        """Take where one's own resting orders stand in their queues."""
        if places != self.ladder.places:
            self.ladder.places = places
            self._changed(Part.LADDER)

    def set_trades(self, trades: Iterable[Trade]) -> None:
        """Take the newest trades, newest first."""
        self.trades = tuple(trades)[:TAPE_MAX]
        self._changed(Part.TAPE, Part.LADDER)

    def set_ticker(self, ticker: Ticker) -> None:
        """Take a market's last 24 hours."""
        before = self.tickers.get(ticker.market)
        self.tickers[ticker.market] = ticker
        self.watch.take(ticker)
        self._changed(Part.MARKETS)
        if self.alerts.looks_at(ticker.market):
            self._changed(Part.ALERTS)
        if ticker.market == self.market and _phase(ticker) != _phase(before):
            self._changed(Part.LADDER, Part.TICKET)

    def add_own_trades(self, fills: Iterable[Fill]) -> None:
        """Take fills of one's own that are new, oldest first, for the marks on the tape."""
        self.watch.add_own(fills)
        self._changed(Part.TAPE)

    def recall_minutes(self, market: str, candles: Iterable[Candle]) -> None:
        """Take a market's minutes of the past, for its sparkline."""
        self.watch.recall(market, candles)
        self._changed(Part.MARKETS)

    def set_orders(self, orders: Iterable[Order], sequence: int = 0) -> None:
        """Take one's own open orders, as of a sequence; they are shown newest first."""
        self.orders = tuple(sorted(orders, key=lambda order: -order.id))
        self.working.settle(self.orders, sequence)
        self._changed(Part.ORDERS, Part.CHART)

    def set_balances(self, balances: Iterable[Balance]) -> None:
        """Take the wallet."""
        self.balances = tuple(balances)
        self._changed(Part.WALLET, Part.TICKET)

    def revalue(self) -> None:
        """Say that the worth of the wallet is another by now: prices have moved."""
        self._changed(Part.WALLET)

    def note(self, time: str, tone: Tone, text: str) -> None:
        """Add a line of activity; text from outside is made plain."""
        self.activity.appendleft(Note(time, tone, texts.plain(text)))
        self._changed(Part.ACTIVITY)

    def heard(self, now_s: float) -> None:
        """Remember that the node said something at `now_s`."""
        if self.last_heard_s is None or now_s > self.last_heard_s:
            self.last_heard_s = now_s

    def connection(self, state: str, book_live: bool, now_s: float) -> Connection:
        """Return what the connection is, from the SDK's state, whether the book is in sequence, and the time."""
        age_s = None if self.last_heard_s is None else int(max(0.0, now_s - self.last_heard_s))
        if state == "closed":
            return Connection(Link.OFFLINE, age_s)
        if state != "live":
            first = state == "connecting" and self.depth is None
            return Connection(Link.CONNECTING if first else Link.RECONNECTING, age_s)
        if self.last_heard_s is not None and now_s - self.last_heard_s > STALE_AFTER_S:
            return Connection(Link.STALE, age_s)
        if not book_live:
            return Connection(Link.CONNECTING if self.depth is None else Link.STALE, age_s)
        return Connection(Link.LIVE, None, self.latency_ms)

    def _changed(self, *parts: Part) -> None:
        for part in parts:
            self.versions[part] += 1


def _phase(ticker: Ticker | None) -> tuple[object, ...]:
    """Return what ladder and ticket show of a ticker."""
    if ticker is None:
        return (MarketState.OPEN, None, None, None)
    return (ticker.state, ticker.state_ends_at, ticker.indicative_price, ticker.indicative_volume)
