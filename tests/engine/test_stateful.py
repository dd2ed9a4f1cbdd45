"""Random commands on the engine and on the oracle at once: whatever hypothesis thinks of, both must agree."""

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cryptex.protocol import commands as c
from cryptex.protocol.terms import (
    EngineLimit,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalStatus,
)
from tests.engine.pair import Pair
from tests.engine.subject import home
from tests.engine.world import ACCOUNTS, MARKET, MARKETS, PRICES, SIZES, connection_of, opening

SECOND_NS = 10**9
accounts = st.sampled_from(ACCOUNTS)
sides = st.sampled_from(Side)
prices = st.integers(*PRICES)
sizes = st.integers(*SIZES)
modes = st.sampled_from(SelfTradePrevention)
keys = st.sampled_from(["", "", "", "a", "b"])
pauses = st.sampled_from([1, 1, SECOND_NS + 1, 61 * SECOND_NS + 1, 200 * SECOND_NS + 1])
expiries = st.sampled_from([1, 60 * SECOND_NS, 61 * SECOND_NS, 300 * SECOND_NS])
quotes = st.integers(1, 900)
assets = st.sampled_from(["BTC", "USDT"])
maybe = st.sampled_from([0, 0, 1])


class EngineAgainstOracle(RuleBasedStateMachine):
    """Commands as users send them, in small numbers, so that they meet."""

    @initialize(market=st.sampled_from(MARKETS))
    def begin(self, market: c.DefineMarket) -> None:
        self.pair = Pair()
        for command in opening(market):
            self.pair.apply(command)

    @property
    def quote_step(self) -> int:
        return self.pair.engine.exchange.markets[MARKET].notional_units

    def place(self, after_ns: int, account: int, side: Side, kind: OrderType, **said: object) -> None:
        expires_after = said.pop("expires_after", 0)
        if said.get("time_in_force") is TimeInForce.GTD:
            said["expires_ns"] = self.pair.now_ns + after_ns + int(str(expires_after))
        said["connection_id"] = connection_of(account) if said.pop("connected", False) else 0
        command = c.PlaceOrder(account, MARKET, side, kind, **said)  # type: ignore[arg-type]
        self.pair.apply(command, after_ns)

    @rule(account=accounts, side=sides, price=prices, size=sizes, mode=modes, key=keys, connected=st.booleans())
    def limit(self, account: int, side: Side, price: int, size: int, mode: SelfTradePrevention, **said: object) -> None:
        terms = {"price_ticks": price, "size_lots": size, "self_trade_prevention": mode}
        key = {"client_order_id": said["key"], "connected": said["connected"]}
        self.place(1, account, side, OrderType.LIMIT, **terms, **key)

    @rule(
        account=accounts,
        side=sides,
        price=prices,
        size=sizes,
        mode=modes,
        tif=st.sampled_from(TimeInForce),
        expires_after=expiries,
        post_only=st.booleans(),
    )
    def limit_with_terms(self, account: int, side: Side, tif: TimeInForce, post_only: bool, **said: object) -> None:
        terms = {"price_ticks": said["price"], "size_lots": said["size"], "self_trade_prevention": said["mode"]}
        may_rest = tif in (TimeInForce.GTC, TimeInForce.GTD)
        terms |= {"time_in_force": tif, "expires_after": said["expires_after"], "post_only": post_only and may_rest}
        self.place(1, account, side, OrderType.LIMIT, **terms)

    @rule(account=accounts, side=sides, size=sizes, quote=quotes, by_quote=st.booleans(), mode=modes, fok=st.booleans())
    def market(self, account: int, side: Side, size: int, quote: int, by_quote: bool, **said: object) -> None:
        is_quote = by_quote and side is Side.BUY
        amount = {"quote_units": quote * self.quote_step + 1} if is_quote else {"size_lots": size}
        tif = TimeInForce.FOK if said["fok"] else TimeInForce.GTC
        terms = {"time_in_force": tif, "self_trade_prevention": said["mode"]}
        self.place(1, account, side, OrderType.MARKET, **amount, **terms)

    @rule(
        account=accounts,
        side=sides,
        stop=prices,
        price=prices,
        size=sizes,
        kind=st.sampled_from(["stop", "quote", "limit"]),
        tif=st.sampled_from([TimeInForce.GTC, *TimeInForce]),
        expires_after=expiries,
        mode=modes,
        key=keys,
        connected=st.booleans(),
    )
    def stop(self, account: int, side: Side, stop: int, kind: str, tif: TimeInForce, **said: object) -> None:
        terms = {"stop_ticks": stop, "time_in_force": tif, "self_trade_prevention": said["mode"]}
        terms |= {"client_order_id": said["key"], "connected": said["connected"]}
        terms |= {"expires_after": said["expires_after"]}
        if kind == "limit":
            amount = {"price_ticks": said["price"], "size_lots": said["size"]}
            self.place(1, account, side, OrderType.STOP_LIMIT, **terms, **amount)
        elif kind == "quote" and side is Side.BUY:
            amount = {"quote_units": int(str(said["size"])) * 60 * self.quote_step}
            self.place(1, account, side, OrderType.STOP, **terms, **amount)
        else:
            self.place(1, account, side, OrderType.STOP, **terms, size_lots=said["size"])

    @rule(changed=maybe)
    def repeat(self, changed: int) -> None:
        """The last order with a key is sent again, as it was or with another size."""
        placed = [command for _, command in self.pair.log if isinstance(command, c.PlaceOrder)]
        keyed = [command for command in placed if command.client_order_id]
        if keyed:
            size = keyed[-1].size_lots
            self.pair.apply(msgspec.structs.replace(keyed[-1], size_lots=size + changed if size else 0))

    def pick(self, which: int, is_newest: bool) -> tuple[int, int]:
        """Some order and its owner: mostly one that is open."""
        orders = self.pair.naive.oracle.orders
        open_ids = [order_id for order_id, order in orders.items() if order.is_open]
        chosen = open_ids or list(orders)
        if not chosen:
            return which + 1, 1
        order_id = chosen[-1 - which % len(chosen)] if is_newest else chosen[which % len(chosen)]
        return order_id, orders[order_id].account

    @rule(which=st.integers(0, 5), newest=st.booleans(), price=prices, size=sizes, stop=prices, parts=st.integers(0, 7))
    def amend(self, which: int, newest: bool, price: int, size: int, stop: int, parts: int) -> None:
        order_id, account = self.pick(which, newest)
        order = self.pair.naive.oracle.orders.get(order_id)
        is_pending = order is not None and order.status == "pending"
        moved = stop if parts & 4 and (is_pending or parts == 4) else 0
        self.pair.apply(c.AmendOrder(account, order_id, price if parts & 1 else 0, size + 2 if parts & 2 else 0, moved))

    @rule(which=st.integers(0, 5), newest=st.booleans(), other=maybe)
    def cancel(self, which: int, newest: bool, other: int) -> None:
        order_id, account = self.pick(which, newest)
        self.pair.apply(c.CancelOrder(account % len(ACCOUNTS) + 1 if other and which == 0 else account, order_id))

    @rule(account=accounts, what=st.integers(0, 8), after=pauses, for_ns=expiries)
    def switch(self, account: int, what: int, after: int, for_ns: int) -> None:
        connection = connection_of(account)
        commands: list[c.Command] = [
            c.CancelAll(account, MARKET),
            c.CancelAll(account, by_admin=True),
            c.CancelAfter(account, for_ns),
            c.CancelAfter(account, 0),
            c.CancelOnDisconnect(account, connection, enabled=True),
            c.CancelOnDisconnect(account, connection, enabled=True),
            c.CancelOnDisconnect(account, connection, enabled=False),
            c.Disconnect(connection),
            c.BeginEpoch(),
        ]
        self.pair.apply(commands[what], after)

    @rule(
        account=accounts, units=st.integers(1, 900), asset=st.sampled_from(["BTC", "USDT"]), out=st.booleans(), key=keys
    )
    def move_funds(self, account: int, units: int, asset: str, out: bool, key: str) -> None:
        withdraw = c.Withdraw(account, asset, units, "somewhere", key)
        self.pair.apply(withdraw if out else c.Deposit(account, asset, units, key))

    @rule(account=accounts, units=st.integers(1, 900), asset=assets, where=st.integers(0, 7), key=keys)
    def withdraw(self, account: int, units: int, asset: str, where: int, key: str) -> None:
        """Mostly to the world outside; else to an account here, or where the network does not deliver."""
        odd = {0: "test-refused", 1: "test-dropped", 2: home(account % 3 + 1, asset), 3: home(account, asset)}
        self.pair.apply(c.RequestWithdrawal(account, asset, units, odd.get(where, "somewhere"), key))

    @rule(which=st.integers(0, 3), how=st.integers(0, 4), other=maybe, after=pauses)
    def decide(self, which: int, how: int, other: int, after: int) -> None:
        """Some withdrawal, mostly one that waits for it, is approved, by its owner too, rejected or taken back."""
        leaving = self.pair.naive.oracle.leaving
        waiting = [one for one in leaving if one.status is WithdrawalStatus.REQUESTED] or leaving
        one = waiting[which % len(waiting)] if waiting else None
        number, owner = (one.id, one.ask.account_id + other) if one else (1, 1)
        decisions: tuple[c.Command, ...] = (
            c.ApproveWithdrawal(number, 9),
            c.RejectWithdrawal(number, 9),
            c.ApproveWithdrawal(number, owner),
            c.CancelWithdrawal(owner, number),
        )
        self.pair.apply(decisions[min(how, 3)], after)

    @rule(
        what=st.integers(0, 3), asset=assets, units=st.integers(0, 1500), pace=expiries, confirmations=st.integers(1, 3)
    )
    def rule_withdrawals(self, what: int, asset: str, units: int, pace: int, confirmations: int) -> None:
        """The operator changes what may leave, and how the network runs."""
        limits = c.LimitWithdrawals(asset, units if what else None, units * 2 if what == 1 else None)
        network = c.DefineNetwork(pace + SECOND_NS, confirmations)
        self.pair.apply(network if what == 3 else limits)

    @rule(what=st.integers(0, 9), limit=st.integers(1, 9))
    def configure(self, what: int, limit: int) -> None:
        """The operator changes fees, filters, band and limits; steps only where nothing is open."""
        market = next(command for _, command in reversed(self.pair.log) if isinstance(command, c.DefineMarket))
        changes: list[dict[str, str | None]] = [
            {"maker_fee": "0.02", "taker_fee": "0.0007"},
            {"min_notional": "2"},
            {"price_band": "0.04", "reference_price": "50"},
            {"price_band": None, "reference_price": None},
            {"lot_size": "0.04"},
            {"halt_move": "0.06", "halt_window": "1s", "halt_duration": "1s", "auction_duration": "1m"},
            dict.fromkeys(("halt_move", "halt_window", "halt_duration", "auction_duration")),
        ]
        if what < len(changes):
            self.pair.apply(msgspec.structs.replace(market, **changes[what]))
        else:
            self.pair.apply(c.SetLimit(EngineLimit.OPEN_ORDERS_PER_MARKET, limit))

    @rule(what=st.integers(0, 7), for_ns=expiries, after=pauses)
    def change_state(self, what: int, for_ns: int, after: int) -> None:
        """Halts are rarer than what ends them, so that the market is mostly open."""
        if what < 2:
            self.pair.apply(c.HaltMarket(MARKET, for_ns * what), after)
        else:
            self.pair.apply(c.ResumeMarket(MARKET), after)

    @rule(after=pauses)
    def pause(self, after: int) -> None:
        self.pair.apply(c.Tick(), after)

    @rule()
    def until_deadline(self) -> None:
        """Time reaches the next deadline exactly, as the sequencer's tick does."""
        deadline = self.pair.naive.next_deadline_ns()
        if deadline is not None and deadline > self.pair.now_ns:
            self.pair.apply(c.Tick(), deadline - self.pair.now_ns)

    def teardown(self) -> None:
        if hasattr(self, "pair"):
            self.pair.finish()


TestEngineAgainstOracle = EngineAgainstOracle.TestCase
TestEngineAgainstOracle.settings = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=200,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
