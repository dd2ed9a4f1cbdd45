"""What a run leaves behind: trades.csv, quotes.csv and orders.csv, written while it goes."""

from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptex.protocol.commands import PlaceOrder
from cryptex.protocol.events import Trade
from cryptex.protocol.market import Market
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, OrderType, Side, TimeInForce

TRADES: Final = "trades.csv"
QUOTES: Final = "quotes.csv"
ORDERS: Final = "orders.csv"
HEADS: Final = {
    TRADES: "timestamp,price,size,side,trade_id\n",
    QUOTES: "timestamp,bid,ask\n",
    ORDERS: "timestamp,side,price,best_bid,best_ask,kind\n",
}
_BUFFER_BYTES: Final = 1 << 20
_RESTING: Final = (TimeInForce.GTC, TimeInForce.GTD)


def seconds_text(time_ns: int) -> str:
    """Return a time as seconds from the start with 9 decimals."""
    seconds, rest_ns = divmod(time_ns, NANOSECONDS_PER_SECOND)
    return f"{seconds}.{rest_ns:09d}"


class Recorder:
    """Writes a run's tape into a folder. Prices and sizes are decimal text; an empty field says there was none."""

    def __init__(self, folder: Path, market: Market) -> None:
        self._price = market.price_text
        self._size = market.size_text
        self._files: list[TextIOWrapper] = []
        self._trades, self._quotes, self._orders = (self._open(folder / name) for name in (TRADES, QUOTES, ORDERS))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def trade(self, time_ns: int, trade: Trade) -> None:
        """Write a trade."""
        price, size = self._price(trade.price_ticks), self._size(trade.size_lots)
        self._trades.write(f"{seconds_text(time_ns)},{price},{size},{trade.side.value},{trade.trade_id}\n")

    def quote(self, time_ns: int, bid: int | None, ask: int | None) -> None:
        """Write the best prices, which have changed."""
        self._quotes.write(f"{seconds_text(time_ns)},{self._text(bid)},{self._text(ask)}\n")

    def order(self, time_ns: int, order: PlaceOrder, bid: int | None, ask: int | None) -> None:
        """Write an order with the best prices that it met; `market` is what has no price or may not rest."""
        resting = order.type is not OrderType.MARKET and order.time_in_force in _RESTING
        self._write_order(time_ns, order.side, order.price_ticks, bid, ask, "limit" if resting else "market")

    def cancel(self, time_ns: int, side: Side, price_ticks: int, bid: int | None, ask: int | None) -> None:
        """Write that an order was canceled or has expired."""
        self._write_order(time_ns, side, price_ticks, bid, ask, "cancel")

    def _write_order(
        self, time_ns: int, side: Side, price_ticks: int, bid: int | None, ask: int | None, kind: str
    ) -> None:
        price = self._price(price_ticks) if price_ticks else ""
        self._orders.write(f"{seconds_text(time_ns)},{side.value},{price},{self._text(bid)},{self._text(ask)},{kind}\n")

    def _text(self, price_ticks: int | None) -> str:
        return "" if price_ticks is None else self._price(price_ticks)

    def _open(self, path: Path) -> TextIOWrapper:
        file = path.open("w", encoding="utf-8", newline="\n", buffering=_BUFFER_BYTES)
        self._files.append(file)
        file.write(HEADS[path.name])
        return file
