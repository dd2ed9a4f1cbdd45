"""Closed sets of words: what an order, an account or a market can be. One word per idea, as in the glossary."""

from enum import StrEnum
from typing import Final

NANOSECONDS_PER_SECOND: Final = 1_000_000_000

AMOUNT_LIMIT: Final = 1 << 62
"""Every price in ticks, size in lots, and balance, hold or posting in atomic units stays below this."""

HOUSE_ACCOUNTS_START: Final = 1 << 40
"""Account ids from here on belong to the house; users count from 1."""

OUTSIDE_ACCOUNT: Final = HOUSE_ACCOUNTS_START
"""The world outside the exchange: the other side of deposits and withdrawals; its balances are negative."""

FEE_ACCOUNT: Final = HOUSE_ACCOUNTS_START + 1
"""Where fees are credited."""

BOT_ACCOUNTS_START: Final = 1 << 41
"""Account ids from here on belong to the node's own simulated traders."""

CLIENT_ORDER_ID_LENGTH_MAX: Final = 64
REFERENCE_LENGTH_MAX: Final = 64
ADDRESS_LENGTH_MAX: Final = 128
SYMBOL_LENGTH_MAX: Final = 16


class Term(StrEnum):
    """Base of all words. Hashes as the text it is: Enum's own hash is a Python call, and terms key hot tables."""

    __hash__ = str.__hash__


class Side(Term):
    """What an order does with the base asset."""

    BUY = "buy"
    SELL = "sell"


class OrderType(Term):
    """How an order is priced, and whether it waits for a trigger."""

    LIMIT = "limit"
    MARKET = "market"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"


LIMIT_PRICED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
"""Types of order that carry a limit price."""
STOP_PRICED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
"""Types of order that carry a stop price, and wait for it."""
UNPRICED: Final = frozenset({OrderType.MARKET, OrderType.STOP})
"""Types of order that take whatever price there is."""


class TimeInForce(Term):
    """How long an order may rest: till canceled, not at all, wholly or not at all, till a date."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTD = "gtd"


RESTING: Final = frozenset({TimeInForce.GTC, TimeInForce.GTD})
"""Times in force with which an order may rest."""


class SelfTradePrevention(Term):
    """What happens when an arriving order would meet a resting order of its own account."""

    CANCEL_NEWEST = "cancel_newest"
    CANCEL_OLDEST = "cancel_oldest"
    CANCEL_BOTH = "cancel_both"
    DECREMENT = "decrement"


class OrderStatus(Term):
    """Where an order stands. The first three are alive, the rest are final."""

    PENDING = "pending"
    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


OPEN_STATUSES: Final = frozenset({OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})


class EndReason(Term):
    """Why an order ended."""

    FILLED = "filled"
    USER = "user"
    IOC = "ioc"
    FOK = "fok"
    NO_LIQUIDITY = "no_liquidity"
    PRICE_BAND = "price_band"
    SELF_TRADE = "self_trade"
    EXPIRED = "expired"
    DISCONNECTED = "disconnected"
    DEAD_MAN = "dead_man"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    HALTED = "halted"
    ADMIN = "admin"


class Liquidity(Term):
    """Which side of a trade a fill was: the resting maker or the arriving taker."""

    MAKER = "maker"
    TAKER = "taker"


class MarketState(Term):
    """What a market accepts: every order; cancels alone; or orders that wait for the one price of the auction's end."""

    OPEN = "open"
    HALTED = "halted"
    AUCTION = "auction"


class EntryKind(Term):
    """Why funds moved."""

    OPENING = "opening"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    HOLD = "hold"
    RELEASE = "release"
    TRADE = "trade"


class WithdrawalStatus(Term):
    """Where a withdrawal stands. The first three hold its funds, the rest are final.

    `requested` waits for an admin, `approved` for the next block, `broadcast` for its confirmations.
    """

    REQUESTED = "requested"
    APPROVED = "approved"
    BROADCAST = "broadcast"
    CONFIRMED = "confirmed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    FAILED = "failed"


LIVE_WITHDRAWALS: Final = frozenset({WithdrawalStatus.REQUESTED, WithdrawalStatus.APPROVED, WithdrawalStatus.BROADCAST})
"""Statuses of withdrawals whose funds are held."""


class WithdrawalReason(Term):
    """Why a withdrawal ended without its funds leaving; they are available again."""

    USER = "user"
    ADMIN = "admin"
    NETWORK_REFUSED = "network_refused"
    NETWORK_DROPPED = "network_dropped"


class EngineLimit(Term):
    """Limits that the engine itself enforces; their values are journaled."""

    OPEN_ORDERS_PER_MARKET = "open_orders_per_market"


class Scope(Term):
    """What a credential may do: look at its user's orders and funds, change orders and funds, send funds out."""

    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"


class Role(Term):
    """What a user is to the exchange: somebody who trades, or somebody who looks after it (and may trade)."""

    TRADER = "trader"
    ADMIN = "admin"


class Interval(Term):
    """Candle lengths."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"
    W1 = "1w"


INTERVAL_SECONDS: Final = {
    Interval.M1: 60,
    Interval.M5: 300,
    Interval.M15: 900,
    Interval.H1: 3_600,
    Interval.H4: 14_400,
    Interval.D1: 86_400,
    Interval.W1: 604_800,
}
"""Seconds in each interval; weeks begin on Monday (the epoch was a Thursday)."""
