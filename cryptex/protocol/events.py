"""Events: what happened, in the order in which it happened. Numbers are ticks, lots and atomic units.

The events of a command say everything that followed from it; the ledger, the books and every order can be folded
from them.
"""

import msgspec

from cryptex.protocol.commands import PlaceOrder
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.problems import Code, Detail
from cryptex.protocol.terms import EndReason, EngineLimit, EntryKind, Liquidity, MarketState, OrderStatus, Side
from cryptex.protocol.withdrawal import Withdrawal


class _Event(msgspec.Struct, frozen=True, gc=False):
    """Base of all events. Events hold no cycles, so the collector need not look at them."""


class AssetDefined(_Event, frozen=True, tag="asset"):
    """An asset was added or renamed."""

    asset: Asset


class MarketDefined(_Event, frozen=True, tag="market"):
    """A market was added or its definition changed. With `steps_changed`, older ticks and lots mean something else."""

    market: Market
    steps_changed: bool = False


class MarketStateChanged(_Event, frozen=True, tag="market_state"):
    """A market halted, began its reopening auction or opened. That ends by itself at `ends_ns`, or (0) does not."""

    market: str
    state: MarketState
    ends_ns: int


class LimitSet(_Event, frozen=True, tag="limit"):
    """An engine limit got a value."""

    name: EngineLimit
    value: int


class EpochBegun(_Event, frozen=True, tag="epoch"):
    """A node started; epochs count from 1."""

    epoch: int


class Ticked(_Event, frozen=True, tag="tick"):
    """Time passed."""


class CommandVoided(_Event, frozen=True, tag="void"):
    """A command was declared void."""

    sequence: int


class AccountOpened(_Event, frozen=True, tag="open"):
    """An account was opened, or (`repeated`) had been opened with the same key before."""

    account_id: int
    registration_key: str
    repeated: bool = False


class OrderAccepted(_Event, frozen=True, tag="accepted"):
    """An order passed admission. What became of it at once follows in the same command's events."""

    order_id: int
    account_id: int
    request: PlaceOrder


class OrderRejected(_Event, frozen=True, tag="rejected"):
    """An order failed admission; it has an id and nothing else came of it."""

    order_id: int
    account_id: int
    request: PlaceOrder
    code: Code
    message: str
    details: dict[str, Detail]


class OrderRepeated(_Event, frozen=True, tag="repeated"):
    """A client_order_id was used again with equal fields: the answer is the order it made."""

    order_id: int
    account_id: int


class CommandRejected(_Event, frozen=True, tag="refused"):
    """A command other than a place was refused and changed nothing."""

    account_id: int
    code: Code
    message: str
    details: dict[str, Detail]


class OrderTriggered(_Event, frozen=True, tag="triggered"):
    """A stop was reached and became a live order."""

    order_id: int
    account_id: int


class OrderAmended(_Event, frozen=True, tag="amended"):
    """An order has new values; without `kept_priority` it went to the tail of its price."""

    order_id: int
    account_id: int
    price_ticks: int
    size_lots: int
    stop_ticks: int
    kept_priority: bool


class OrderReduced(_Event, frozen=True, tag="reduced"):
    """Self-trade prevention lowered an order by `lots`."""

    order_id: int
    account_id: int
    lots: int


class OrderEnded(_Event, frozen=True, tag="ended"):
    """An order is filled, canceled or expired; `canceled_lots` were left and never will trade."""

    order_id: int
    account_id: int
    status: OrderStatus
    reason: EndReason
    canceled_lots: int


class OrdersCanceled(_Event, frozen=True, tag="canceled_all"):
    """A cancel-all is done; each order's own end is an event too."""

    account_id: int
    order_ids: tuple[int, ...]


class CancelAfterSet(_Event, frozen=True, tag="cancel_after"):
    """The dead man's switch was set to fire at `deadline_ns`, or (0) ended."""

    account_id: int
    deadline_ns: int


class CancelOnDisconnectSet(_Event, frozen=True, tag="on_disconnect"):
    """Orders of a connection are, or are no longer, tied to it."""

    account_id: int
    connection_id: int
    enabled: bool


class Disconnected(_Event, frozen=True, tag="disconnect"):
    """A connection ended; the orders tied to it were canceled."""

    connection_id: int


class Deposited(_Event, frozen=True, tag="deposited"):
    """Funds came in, or (`repeated`) had come in under the same reference before. `entry_id` is the ledger's.

    `available` is what the account has of the asset now.
    """

    account_id: int
    asset: str
    units: int
    reference: str
    entry_id: int
    repeated: bool
    available: int


class Withdrawn(_Event, frozen=True, tag="withdrawn"):
    """Funds left, or (`repeated`) had left under the same reference before. `entry_id` is the ledger's.

    `available` is what the account has of the asset now.
    """

    account_id: int
    asset: str
    units: int
    address: str
    entry_id: int
    reference: str
    repeated: bool
    available: int


class NetworkDefined(_Event, frozen=True, tag="network"):
    """The simulated network runs like this from now on, where it has come to `height`."""

    block_interval_ns: int
    confirmations: int
    height: int


class WithdrawalLimitsSet(_Event, frozen=True, tag="withdrawal_limits"):
    """An asset has these limits for an account's withdrawals in 24 hours; None: no limit."""

    asset: str
    automatic_units: int | None
    daily_units: int | None


class WithdrawalChanged(_Event, frozen=True, tag="withdrawal"):
    """A withdrawal was requested, or went a step on; this is how it stands now."""

    account_id: int
    withdrawal: Withdrawal


class WithdrawalRepeated(_Event, frozen=True, tag="withdrawal_repeated"):
    """A reference was used again with equal fields: the answer is the withdrawal it made."""

    account_id: int
    withdrawal_id: int


class Posting(_Event, frozen=True, tag="posting"):
    """One account's line of a ledger entry in one asset, with what it holds afterwards.

    Over the lines of an entry (equal `entry_id`), available_change + held_change sums to zero for each asset.
    `reference` is an order id (hold, release), a trade id (trade), or text: that which came with a deposit, the
    address of a withdrawal, or `withdrawal ID` where funds are held for one or released.
    """

    entry_id: int
    kind: EntryKind
    reference: int | str
    account_id: int
    asset: str
    available_change: int
    held_change: int
    available: int
    held: int


class Trade(_Event, frozen=True, tag="trade"):
    """A match, as the public hears of it. `side` is the taker's."""

    trade_id: int
    market: str
    price_ticks: int
    size_lots: int
    side: Side


class Fill(_Event, frozen=True, tag="fill"):
    """One side's view of a trade, private to its account. `fee_units` are of what the side received."""

    fill_id: int
    trade_id: int
    order_id: int
    account_id: int
    client_order_id: str
    market: str
    side: Side
    liquidity: Liquidity
    price_ticks: int
    size_lots: int
    fee_units: int


class LevelChanged(_Event, frozen=True, tag="level"):
    """A price level of a book now has this size in all; 0 removes it. At most one a level in a command."""

    market: str
    side: Side
    price_ticks: int
    size_lots: int


Event = (
    AssetDefined
    | MarketDefined
    | MarketStateChanged
    | LimitSet
    | EpochBegun
    | Ticked
    | CommandVoided
    | AccountOpened
    | OrderAccepted
    | OrderRejected
    | OrderRepeated
    | CommandRejected
    | OrderTriggered
    | OrderAmended
    | OrderReduced
    | OrderEnded
    | OrdersCanceled
    | CancelAfterSet
    | CancelOnDisconnectSet
    | Disconnected
    | Deposited
    | Withdrawn
    | NetworkDefined
    | WithdrawalLimitsSet
    | WithdrawalChanged
    | WithdrawalRepeated
    | Posting
    | Trade
    | Fill
    | LevelChanged
)
