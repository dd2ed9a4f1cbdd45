"""A naive exchange, obviously right: plain lists and dicts, linear scans, one reading of the rules of trading.

It takes the same commands as the engine and shares no code with it. Nothing here is fast, and nothing is clever:
holds are taken off and put on again around every change, and books are sorted each time they are looked at.
`oracle_state.py` holds what it knows, `oracle_orders.py` the rules for a single order, `oracle_auction.py` those for
reopening a market, this file the rest.
"""

from collections.abc import Callable
from typing import Final

from cryptex.protocol import commands as c
from cryptex.protocol.market import define_asset, define_market
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import AMOUNT_LIMIT, FEE_ACCOUNT, OUTSIDE_ACCOUNT, EndReason, MarketState, OrderStatus, Side
from tests.engine.oracle_state import Standing
from tests.engine.oracle_withdrawals import Withdrawing

KEY_LIFE_NS: Final = 24 * 3600 * 10**9
AFTER_ORDERS: Final = 2**62
CLOSED_KEYS_MAX: Final = 10_000
TRIGGERED_MAX: Final = 1_000

Answer = tuple[str, ...]
"""What a command came to: a word and its particulars, such as ("rejected", "would_take")."""


class Oracle(Withdrawing):
    """The exchange by the book. `apply` returns its answer in words; all else is in the open attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.epoch = 0
        self.next_account = 1
        self.registered: dict[str, int] = {}
        self.dead_men: dict[int, int] = {}
        self.tied: set[tuple[int, int]] = set()

    def apply(self, time_ns: int, command: c.Command) -> Answer:
        """End what is due, run the command, then the stops that it reached."""
        self.now = time_ns
        self.end_due()
        left = TRIGGERED_MAX - self.run_triggered(TRIGGERED_MAX)
        does: Callable[..., Answer] = getattr(self, f"do_{command.__struct_config__.tag}")
        answer = does(command)
        self.run_triggered(left)
        return answer

    # what is due

    def deadlines(self) -> list[tuple[int, int, int, str, int]]:
        """(deadline, order id, account, market, withdrawal id) of all that waits for a time.

        A dead man's switch counts as order 0; withdrawals come after every order, and ends of halts and auctions last.
        """
        switches = [(deadline, 0, account, "", 0) for account, deadline in self.dead_men.items()]
        orders = [(o.ask.expires_ns, o.id, o.account, "", 0) for o in self.orders.values() if o.is_open]
        phases = [(until, AFTER_ORDERS, 0, market, 0) for market, (_, until) in self.phases.items()]
        leaving = [(self.goes_on_at(one), AFTER_ORDERS, 0, "", one.id) for one in self.leaving if one.block]
        leaving = [each for each in leaving if self.leaving[each[-1] - 1].is_alive]
        return sorted(deadline for deadline in switches + orders + phases + leaving if deadline[0])

    def end_due(self) -> None:
        while (waiting := self.deadlines()) and waiting[0][0] <= self.now:
            _, order_id, account, market, withdrawal_id = waiting[0]
            if withdrawal_id:
                self.go_on(self.leaving[withdrawal_id - 1])
            elif market:
                self.advance(market)
            elif order_id:
                self.end(self.orders[order_id], EndReason.EXPIRED, OrderStatus.EXPIRED)
            else:
                del self.dead_men[account]
                self.cancel_many(self.open_orders(account), EndReason.DEAD_MAN)

    def run_triggered(self, most: int) -> int:
        """Run at most so many reached stops of open markets, in their order; return how many ran."""
        ran = 0
        while ran < most:
            ready = [order for order in self.triggered if order.ask.market not in self.phases]
            if not ready:
                break
            order = ready[0]
            self.triggered.remove(order)
            if order.status is OrderStatus.PENDING:
                self.trigger(order)
                ran += 1
        return ran

    # configuration

    def do_asset(self, command: c.DefineAsset) -> Answer:
        old = self.assets.get(command.symbol)
        if old and old.decimals != command.decimals:
            return ("refused", Code.INVALID_REQUEST)
        self.assets[command.symbol] = define_asset(command.symbol, command.name, command.decimals)
        return ("asset",)

    def do_market(self, command: c.DefineMarket) -> Answer:
        steps = {name: getattr(command, name) for name in command.__struct_fields__ if name not in ("base", "quote")}
        market = define_market(self.assets[command.base], self.assets[command.quote], **steps)
        old = self.markets.get(market.symbol)
        has_open = any(o.is_open and o.ask.market == market.symbol for o in self.orders.values())
        if old and (old.tick_e8, old.lot_e8) != (market.tick_e8, market.lot_e8):
            if has_open:
                return ("refused", Code.INVALID_REQUEST)
            self.priced_from[market.symbol] = self.judged_from[market.symbol] = len(self.trades)
            self.auctions.pop(market.symbol, None)
        if old and old.breaker != market.breaker:
            self.judged_from[market.symbol] = len(self.trades)
        self.markets[market.symbol] = market
        return ("market",)

    def do_halt(self, command: c.HaltMarket) -> Answer:
        if command.market not in self.markets:
            return ("refused", Code.UNKNOWN_MARKET)
        self.halt(command.market, self.now + command.duration_ns if command.duration_ns else 0)
        return ("market_state", MarketState.HALTED)

    def do_resume(self, command: c.ResumeMarket) -> Answer:
        if command.market not in self.markets:
            return ("refused", Code.UNKNOWN_MARKET)
        if command.market not in self.phases:
            return ("refused", Code.INVALID_REQUEST)
        self.advance(command.market)
        return ("market_state", self.state(command.market))

    def do_limit(self, command: c.SetLimit) -> Answer:
        self.open_orders_max = command.value
        return ("limit",)

    # accounts and funds

    def do_open(self, command: c.OpenAccount) -> Answer:
        if command.registration_key in self.registered:
            return ("account", str(self.registered[command.registration_key]), "repeated")
        account, self.next_account = self.next_account, self.next_account + 1
        self.registered[command.registration_key] = account
        for grant in command.grants:
            self.add(account, grant.asset, grant.units)
            self.add(OUTSIDE_ACCOUNT, grant.asset, -grant.units)
        return ("account", str(account))

    def do_deposit(self, command: c.Deposit) -> Answer:
        if first := self.with_reference(command):
            return ("deposited", "repeated") if first == command else ("refused", Code.REFERENCE_CONFLICT)
        if command.asset not in self.assets:
            return ("refused", Code.UNKNOWN_ASSET)
        if -self.balance(OUTSIDE_ACCOUNT, command.asset)[0] + command.units >= AMOUNT_LIMIT:
            return ("refused", Code.AMOUNT_TOO_LARGE)
        self.references[command.account_id, command.reference] = (self.now, command)
        self.add(command.account_id, command.asset, command.units)
        self.add(OUTSIDE_ACCOUNT, command.asset, -command.units)
        return ("deposited",)

    def do_withdraw(self, command: c.Withdraw) -> Answer:
        if first := self.with_reference(command):
            return ("withdrawn", "repeated") if first == command else ("refused", Code.REFERENCE_CONFLICT)
        if command.asset not in self.assets:
            return ("refused", Code.UNKNOWN_ASSET)
        if command.units > self.balance(command.account_id, command.asset)[0]:
            return ("refused", Code.INSUFFICIENT_FUNDS)
        self.references[command.account_id, command.reference] = (self.now, command)
        self.add(command.account_id, command.asset, -command.units)
        self.add(OUTSIDE_ACCOUNT, command.asset, command.units)
        return ("withdrawn",)

    # orders

    def do_place(self, ask: c.PlaceOrder) -> Answer:
        first = self.order_with_key(ask)
        if first and same_fields(first.ask, ask):
            return ("repeated", str(first.id))
        if first:
            return ("refused", Code.CLIENT_ORDER_ID_CONFLICT)
        order = Standing(len(self.orders) + 1, ask, self.now)
        self.orders[order.id] = order
        if code := self.refusal(order):
            order.status, order.code = OrderStatus.REJECTED, code
            order.remaining, order.canceled = 0, order.size
            return ("rejected", code)
        order.is_tied = (ask.account_id, ask.connection_id) in self.tied
        self.start(order)
        return ("accepted", str(order.id))

    def order_with_key(self, ask: c.PlaceOrder) -> Standing | None:
        """The order that still owns this client_order_id: open, or closed less than a day and 10,000 keys ago."""
        if not ask.client_order_id:
            return None
        mine = [o for o in self.orders.values() if o.account == ask.account_id and o.ask.client_order_id]
        mine = [o for o in mine if o.status is not OrderStatus.REJECTED]
        closed = sorted((o for o in mine if not o.is_open), key=lambda o: o.closed_place)[-CLOSED_KEYS_MAX:]
        owners = [o for o in mine if o.is_open] + [o for o in closed if self.now - o.closed_ns < KEY_LIFE_NS]
        return next((o for o in owners if o.ask.client_order_id == ask.client_order_id), None)

    def find(self, account: int, order_id: int) -> Standing | Code:
        """The open order that a command names. That an order has already ended is for the gateway to say."""
        order = self.orders.get(order_id)
        is_there = order is not None and order.account == account and order.is_open
        return order if order and is_there else Code.UNKNOWN_ORDER

    def do_cancel(self, command: c.CancelOrder) -> Answer:
        order = self.find(command.account_id, command.order_id)
        if isinstance(order, Code):
            return ("refused", order)
        self.end(order, EndReason.USER)
        return ("ended",)

    def do_amend(self, command: c.AmendOrder) -> Answer:
        order = self.find(command.account_id, command.order_id)
        code = order if isinstance(order, Code) else self.amend(order, command)
        return ("refused", code) if code else ("amended",)

    def do_cancel_all(self, command: c.CancelAll) -> Answer:
        orders = [o for o in self.open_orders(command.account_id) if command.market in ("", o.ask.market)]
        self.cancel_many(orders, EndReason.ADMIN if command.by_admin else EndReason.USER)
        return ("canceled_all", *[str(o.id) for o in orders])

    # switches

    def do_cancel_after(self, command: c.CancelAfter) -> Answer:
        self.dead_men.pop(command.account_id, None)
        if command.duration_ns:
            self.dead_men[command.account_id] = self.now + command.duration_ns
        return ("cancel_after",)

    def do_on_disconnect(self, command: c.CancelOnDisconnect) -> Answer:
        tie = (command.account_id, command.connection_id)
        if command.enabled:
            self.tied.add(tie)
            return ("on_disconnect",)
        self.tied.discard(tie)
        return ("on_disconnect",)

    def do_disconnect(self, command: c.Disconnect) -> Answer:
        self.tied = {tie for tie in self.tied if tie[1] != command.connection_id}
        mine = [o for o in self.orders.values() if o.is_tied and o.ask.connection_id == command.connection_id]
        self.cancel_many(mine, EndReason.DISCONNECTED)
        return ("disconnect",)

    def do_epoch(self, _: c.BeginEpoch) -> Answer:
        self.epoch += 1
        self.tied = set()
        self.cancel_many([o for o in self.orders.values() if o.is_tied], EndReason.DISCONNECTED)
        return ("epoch", str(self.epoch))

    def do_tick(self, _: c.Tick) -> Answer:
        return ("tick",)

    # looking in

    def book(self, market: str, side: Side) -> list[tuple[int, int, int]]:
        """(price, size, order id) of a side in priority order."""
        return [(o.price, o.remaining, o.id) for o in self.resting(market, side)]

    def all_balances(self) -> dict[tuple[int, str], tuple[int, int]]:
        """(available, held) by account and asset, the house included; zeros left out."""
        return {key: (free, held) for key, (free, held) in self.funds.items() if free or held}

    def fees(self, asset: str) -> int:
        return self.balance(FEE_ACCOUNT, asset)[0]


def same_fields(one: c.PlaceOrder, other: c.PlaceOrder) -> bool:
    """Whether two asks are equal in all that their sender wrote; the connection is not of that."""
    names = [name for name in one.__struct_fields__ if name != "connection_id"]
    return all(getattr(one, name) == getattr(other, name) for name in names)
