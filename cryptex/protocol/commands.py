"""Commands: everything that may change the exchange, as it is journaled. Numbers are ticks, lots and atomic units.

A command is written as an array that begins with its tag; new fields are added at the end, with a default.
"""

import msgspec

from cryptex.protocol.terms import EngineLimit, OrderType, SelfTradePrevention, Side, TimeInForce


class _Command(msgspec.Struct, frozen=True, array_like=True, tag_field="kind", gc=False):
    """Base of all commands. Commands hold no cycles, so the collector need not look at them."""


class DefineAsset(_Command, frozen=True, tag="asset"):
    """Add an asset, or change its name."""

    symbol: str
    name: str
    decimals: int


class DefineMarket(_Command, frozen=True, tag="market"):
    """Add a market, or change its definition. Steps, fees, shares and durations are text, kept as they were written.

    The last four are the circuit breaker: `docs/operations.md` says what they mean.
    """

    base: str
    quote: str
    tick_size: str
    lot_size: str
    min_notional: str
    maker_fee: str
    taker_fee: str
    price_band: str | None = None
    reference_price: str | None = None
    halt_move: str | None = None
    halt_window: str | None = None
    halt_duration: str | None = None
    auction_duration: str | None = None


class HaltMarket(_Command, frozen=True, tag="halt"):
    """Halt a market for `duration_ns`, after which its reopening auction begins; with 0 until it is resumed.

    A halted market takes the new end; an auction becomes a halt again.
    """

    market: str
    duration_ns: int = 0


class ResumeMarket(_Command, frozen=True, tag="resume"):
    """End a halt now: the reopening auction begins. In an auction: uncross now."""

    market: str


class SetLimit(_Command, frozen=True, tag="limit"):
    """Set a limit that the engine enforces."""

    name: EngineLimit
    value: int


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """An amount of an asset, in atomic units, given when an account is opened."""

    asset: str
    units: int


class OpenAccount(_Command, frozen=True, tag="open"):
    """Open an account and post its opening grant. Repeating a registration key gives the account it opened."""

    registration_key: str
    grants: tuple[Grant, ...] = ()
    bot: bool = False


class BeginEpoch(_Command, frozen=True, tag="epoch"):
    """A node has started: connections of older epochs are gone, and so are the orders tied to them."""


class Tick(_Command, frozen=True, tag="tick"):
    """Time has reached a deadline while nothing else happened."""


class VoidCommand(_Command, frozen=True, tag="void"):
    """The command at `sequence` broke an invariant: replay passes over it."""

    sequence: int


class PlaceOrder(_Command, frozen=True, tag="place"):
    """Place an order. Zero stands for a price, size, quote amount, stop or expiry that is not given."""

    account_id: int
    market: str
    side: Side
    type: OrderType
    size_lots: int = 0
    price_ticks: int = 0
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.CANCEL_NEWEST
    client_order_id: str = ""
    quote_units: int = 0
    stop_ticks: int = 0
    expires_ns: int = 0
    connection_id: int = 0


class AmendOrder(_Command, frozen=True, tag="amend"):
    """Change an open order. Zero leaves a value as it is; `size_lots` is the new total size."""

    account_id: int
    order_id: int
    price_ticks: int = 0
    size_lots: int = 0
    stop_ticks: int = 0


class CancelOrder(_Command, frozen=True, tag="cancel"):
    """Cancel an open order."""

    account_id: int
    order_id: int


class CancelAll(_Command, frozen=True, tag="cancel_all"):
    """Cancel all open orders of an account, in one market or (empty) in all; `by_admin` says who wants it."""

    account_id: int
    market: str = ""
    by_admin: bool = False


class CancelAfter(_Command, frozen=True, tag="cancel_after"):
    """Dead man's switch: cancel all open orders of the account unless renewed in time; 0 ends it."""

    account_id: int
    duration_ns: int


class CancelOnDisconnect(_Command, frozen=True, tag="on_disconnect"):
    """Tie the orders placed on a connection from now on to its life, or stop doing so."""

    account_id: int
    connection_id: int
    enabled: bool


class Disconnect(_Command, frozen=True, tag="disconnect"):
    """A connection whose orders are tied to it has ended."""

    connection_id: int


class Deposit(_Command, frozen=True, tag="deposit"):
    """Bring funds in from outside. A reference makes it idempotent."""

    account_id: int
    asset: str
    units: int
    reference: str = ""


class Withdraw(_Command, frozen=True, tag="withdraw"):
    """Send available funds outside at once. In journals of older builds alone: RequestWithdrawal took its place."""

    account_id: int
    asset: str
    units: int
    address: str
    reference: str = ""


class DefineNetwork(_Command, frozen=True, tag="network"):
    """Set how the simulated network runs: a block every `block_interval_ns`, and a withdrawal's confirmations.

    `seed` makes deposit addresses and transaction ids; empty leaves it as it is.
    """

    block_interval_ns: int
    confirmations: int
    seed: str = ""


class LimitWithdrawals(_Command, frozen=True, tag="withdrawal_limits"):
    """Set what an account may withdraw of an asset in 24 hours: without an admin, and in all. None: no limit."""

    asset: str
    automatic_units: int | None
    daily_units: int | None


class RequestWithdrawal(_Command, frozen=True, tag="request_withdrawal"):
    """Hold funds and have them sent to an address. A reference makes it idempotent."""

    account_id: int
    asset: str
    units: int
    address: str
    reference: str = ""


class CancelWithdrawal(_Command, frozen=True, tag="cancel_withdrawal"):
    """Take back a withdrawal that is only requested."""

    account_id: int
    withdrawal_id: int


class ApproveWithdrawal(_Command, frozen=True, tag="approve_withdrawal"):
    """Let a requested withdrawal go out; `admin_id` is the account of the one who decided."""

    withdrawal_id: int
    admin_id: int


class RejectWithdrawal(_Command, frozen=True, tag="reject_withdrawal"):
    """Refuse a requested withdrawal and give its funds back; `admin_id` is the account of the one who decided."""

    withdrawal_id: int
    admin_id: int


Command = (
    PlaceOrder
    | CancelOrder
    | AmendOrder
    | CancelAll
    | Deposit
    | Withdraw
    | OpenAccount
    | CancelAfter
    | CancelOnDisconnect
    | Disconnect
    | Tick
    | BeginEpoch
    | DefineAsset
    | DefineMarket
    | HaltMarket
    | ResumeMarket
    | SetLimit
    | VoidCommand
    | DefineNetwork
    | LimitWithdrawals
    | RequestWithdrawal
    | CancelWithdrawal
    | ApproveWithdrawal
    | RejectWithdrawal
)


class Stamped(msgspec.Struct, frozen=True, array_like=True):
    """A command with the time the sequencer gave it. Its sequence follows from its place in the journal."""

    time_ns: int
    command: Command
