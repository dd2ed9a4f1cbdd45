"""The context: a bot's hands and eyes, the same at every port."""

from collections.abc import Callable
from random import Random
from typing import Final

from cryptex.protocol.market import Market
from cryptex.protocol.problems import invalid
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Liquidity, OrderType, Side, TimeInForce
from cryptex.sim.bot import Bot, News, OwnFill, TapeTrade
from cryptex.sim.port import BookView, NewOrder, Port
from cryptex.sim.units import BASIS_POINT

BUY: Final = Side.BUY
SELL: Final = Side.SELL
GTC: Final = TimeInForce.GTC
GTD: Final = TimeInForce.GTD
IOC: Final = TimeInForce.IOC
_E8_PER_BASIS_POINT: Final = 10_000
_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = OrderType.MARKET


class OwnOrder:
    """One of the bot's orders that is on its way or open, as far as the bot has heard."""

    __slots__ = ("number", "price_ticks", "remaining_lots", "side", "size_lots")

    def __init__(self, number: int, side: Side, price_ticks: int, remaining_lots: int) -> None:
        self.number = number
        self.side = side
        self.price_ticks = price_ticks
        self.size_lots = self.remaining_lots = remaining_lots


class Context:
    """What a bot acts through. Prices are whole ticks, sizes whole lots, `cash` atomic units of the quote asset.

    `position`: lots bought less lots sold since the bot began. `cash`: what it received less what it paid; fees taken
    in the quote asset are counted, those taken in the base asset are in `base_fee_units`. `orders`: its orders by
    number. `fills`: how often they traded.
    """

    __slots__ = (
        "_bot",
        "_hears_fills",
        "_number",
        "_port",
        "_streams",
        "base_fee_units",
        "book",
        "cash",
        "fills",
        "market",
        "orders",
        "position",
        "quote_fee_units",
        "rejected",
        "rng",
        "stopped",
        "typical_lots",
    )

    def __init__(self, bot: Bot, port: Port, streams: Callable[[str], Random], typical_lots: int) -> None:
        """`streams` gives the generator for a purpose; `typical_lots` is the size that `lots` counts in."""
        self._bot = bot
        self._port = port
        self._streams = streams
        self.stopped = False
        self._hears_fills = type(bot).on_fill is not Bot.on_fill
        self._number = 0
        self.rng = streams("decisions")
        self.market: Market = port.market
        self.book: BookView = port.book
        self.typical_lots = typical_lots
        self.orders: dict[int, OwnOrder] = {}
        self.position = 0
        self.cash = 0
        self.base_fee_units = 0
        self.quote_fee_units = 0
        self.fills = 0
        self.rejected = 0

    @property
    def now(self) -> int:
        """The time in nanoseconds since the start."""
        return self._port.now()

    @property
    def holding(self) -> int:
        """What it has bought and can still sell, in whole lots: the position less the fees taken from it."""
        return self.position - -(-self.base_fee_units // self.market.lot_units)

    @property
    def maker_fee_bps(self) -> float:
        """The fee of an order that rested, in basis points of what it trades."""
        return self.market.maker_fee_e8 / _E8_PER_BASIS_POINT

    @property
    def taker_fee_bps(self) -> float:
        """The fee of an order that took, in basis points of what it trades."""
        return self.market.taker_fee_e8 / _E8_PER_BASIS_POINT

    def stream(self, purpose: str) -> Random:
        """Return a generator of this bot's own for a purpose; its draws move no other's."""
        return self._streams(purpose)

    def bps(self, basis_points: float) -> float:
        """Return so many basis points of the mid in ticks."""
        return self.book.mid * basis_points * BASIS_POINT

    def lots(self, share: float) -> int:
        """Return so many typical sizes in lots, at least one lot."""
        return max(1, round(self.typical_lots * share))

    def buy(
        self,
        size_lots: int,
        price_ticks: int | None = None,
        *,
        time_in_force: TimeInForce = GTC,
        post_only: bool = False,
        lifetime_s: float = 0.0,
    ) -> int:
        """Send an order to buy, without a price at market; return its number. Raises Refusal for a bad size or price.

        With `lifetime_s` a resting order expires by itself.
        """
        return self._place(BUY, size_lots, price_ticks, time_in_force, post_only, lifetime_s)

    def sell(
        self,
        size_lots: int,
        price_ticks: int | None = None,
        *,
        time_in_force: TimeInForce = GTC,
        post_only: bool = False,
        lifetime_s: float = 0.0,
    ) -> int:
        """Send an order to sell; see `buy`."""
        return self._place(SELL, size_lots, price_ticks, time_in_force, post_only, lifetime_s)

    def reduce(self, number: int, lots: int) -> None:
        """Take so many lots off an order, which keeps its place in the queue; all that remain, and it is canceled.

        One that has ended is left alone; one that has traded too much of it by then stays as it is. Raises Refusal
        for less than a lot.
        """
        if lots < 1:
            raise invalid("size", f"an order is reduced by at least one lot, not {lots}")
        order = self.orders.get(number)
        if order is None:
            return
        if lots >= order.remaining_lots:
            self._port.cancel(number)
            return
        order.size_lots -= lots
        order.remaining_lots -= lots
        self._port.resize(number, order.size_lots)

    def cancel(self, number: int) -> None:
        """Send the cancel of an order; one that has ended is left alone."""
        if number in self.orders:
            self._port.cancel(number)

    def cancel_all(self) -> None:
        """Send the cancel of all open orders of the bot's account in its market."""
        if self.orders:
            self._port.cancel_all()

    def after(self, seconds: float, name: str = "") -> None:
        """Call `on_timer` with this name once, after so many seconds."""
        port = self._port
        port.call_at(port.now() + int(seconds * NANOSECONDS_PER_SECOND), self._ring, name)

    def at(self, time_ns: int, name: str = "") -> None:
        """Call `on_timer` with this name once, at a time; one in the past is now."""
        self._port.call_at(time_ns, self._ring, name)

    def every(self, seconds: float, name: str = "") -> None:
        """Call `on_timer` with this name again and again. Raises Refusal unless the pause is at least a microsecond."""
        period_ns = int(seconds * NANOSECONDS_PER_SECOND)
        if period_ns < 1000:
            raise invalid("seconds", "a timer needs a pause of at least a microsecond")
        self._port.call_at(self._port.now() + period_ns, self._repeat, (period_ns, name))

    def _place(
        self,
        side: Side,
        size_lots: int,
        price_ticks: int | None,
        time_in_force: TimeInForce,
        post_only: bool,
        lifetime_s: float,
    ) -> int:
        if size_lots < 1:
            raise invalid("size", f"a size must be at least one lot, not {size_lots}")
        if price_ticks is not None and price_ticks < 1:
            raise invalid("price", f"a price must be at least one tick, not {price_ticks}")
        number = self._number = self._number + 1
        port = self._port
        expires_ns = 0
        if lifetime_s:
            time_in_force = GTD
            expires_ns = port.now() + int(lifetime_s * NANOSECONDS_PER_SECOND)
        kind, price = (_MARKET, 0) if price_ticks is None else (_LIMIT, price_ticks)
        self.orders[number] = OwnOrder(number, side, price, size_lots)
        port.place(NewOrder(number, side, kind, size_lots, price, time_in_force, post_only, expires_ns))
        return number

    # What follows is called by the port.

    def start(self, _: object = None) -> None:
        """Let the bot begin."""
        self._bot.on_start(self)

    def stop(self, _: object = None) -> None:
        """Let the bot end: its orders are canceled, and its timers come to nothing."""
        self.cancel_all()
        self.stopped = True

    def filled(
        self, number: int, side: Side, price_ticks: int, lots: int, liquidity: Liquidity, fee_units: int
    ) -> None:
        """One of the bot's orders has traded."""
        quote_units = price_ticks * lots * self.market.notional_units
        self.fills += 1
        if side is BUY:
            self.position += lots
            self.cash -= quote_units
            self.base_fee_units += fee_units
        else:
            self.position -= lots
            self.cash += quote_units - fee_units
            self.quote_fee_units += fee_units
        order = self.orders.get(number)
        if order is not None:
            order.remaining_lots = max(order.remaining_lots - lots, 0)
        if self._hears_fills and not self.stopped:
            self._bot.on_fill(self, OwnFill(number, side, price_ticks, lots, liquidity, fee_units))

    def ended(self, number: int) -> None:
        """One of the bot's orders is no more."""
        self.orders.pop(number, None)

    def refused(self, number: int) -> None:
        """One of the bot's orders was rejected."""
        self.orders.pop(number, None)
        self.rejected += 1

    def book_changed(self) -> None:
        """The book has changed."""
        if not self.stopped:
            self._bot.on_book(self)

    def traded(self, trade: TapeTrade) -> None:
        """Somebody has traded."""
        if not self.stopped:
            self._bot.on_trade(self, trade)

    def hears(self, news: News) -> None:
        """News has come."""
        if not self.stopped:
            self._bot.on_news(self, news)

    def _ring(self, name: str) -> None:
        if not self.stopped:
            self._bot.on_timer(self, name)

    def _repeat(self, timer: tuple[int, str]) -> None:
        if not self.stopped:
            period_ns, name = timer
            self._port.call_at(self._port.now() + period_ns, self._repeat, timer)
            self._bot.on_timer(self, name)
