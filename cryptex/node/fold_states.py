"""What is folded from events, as snapshots carry it.

Structs that msgspec decodes, apart from the code that folds: that is compiled where there is a C compiler (see
`hatch_build.py`), and compiled classes have no annotations for msgspec to read.
"""

import msgspec

from cryptex.protocol.events import Fill, Trade
from cryptex.protocol.market import Market
from cryptex.protocol.order import OrderRecord
from cryptex.protocol.terms import Interval


class Candle(msgspec.Struct, array_like=True, gc=False):
    """Prices and volume from `time_ns` until before `end_ns`. It changes as long as trades fall into it."""

    time_ns: int
    end_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    quote_units: int
    trades: int


class Minute(msgspec.Struct, array_like=True, gc=False):
    """The trades of a minute, summed up; `minute` counts from 1970."""

    minute: int
    first_ticks: int
    last_ticks: int
    high_ticks: int
    low_ticks: int
    volume_lots: int
    quote_units: int


class DayState(msgspec.Struct, array_like=True):
    """What `DayWindow.load` needs."""

    minutes: list[Minute]
    last_ticks: int | None
    before_ticks: int | None


class MarketState(msgspec.Struct, array_like=True):
    """The fold of one market: recent trades with sequence and time; `from_first` as `MarketData.from_first` says it."""

    market: Market
    candles: dict[Interval, list[Candle]]
    day: DayState
    trades: list[tuple[int, int, Trade]]
    from_first: bool = False


class AccountState(msgspec.Struct, array_like=True):
    """What one account did lately, oldest first; fills with sequence and time."""

    account_id: int
    sequence: int
    closed: list[OrderRecord]
    fills: list[tuple[int, int, Fill]]
