"""Long, busy, seeded days on the engine and on the oracle: deep books, chains of stops, a trade in most commands."""

from random import Random

import pytest

from cryptex.protocol import commands as c
from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from tests.engine.pair import Pair
from tests.engine.world import ACCOUNTS, MARKET, MARKETS, connection_of, opening, steps_of

SECOND_NS = 10**9
COMMANDS = 600
LOTS = 60


class Trader:
    """Draws the next command. Prices wander around a middle, so that orders meet and stops are reached."""

    def __init__(self, seed: int, market: c.DefineMarket) -> None:
        self.random = Random(seed)
        self.notional_units = steps_of(market)[1]
        self.last_with_key: c.PlaceOrder | None = None

    def next(self, now_ns: int, open_ids: list[tuple[int, int]]) -> c.Command:
        draw = self.random.random()
        if draw < 0.02 and self.last_with_key:
            return self.last_with_key
        if draw < 0.72 or not open_ids:
            order = self.order(now_ns)
            self.last_with_key = order if order.client_order_id else self.last_with_key
            return order
        order_id, account = self.random.choice(open_ids)
        if draw < 0.82:
            return self.amendment(account, order_id)
        if draw < 0.87:
            return c.CancelOrder(account, order_id)
        return self.other(account)

    def order(self, now_ns: int) -> c.PlaceOrder:
        random = self.random
        account, side = random.choice(ACCOUNTS), random.choice(list(Side))
        kind = random.choices(list(OrderType), [6, 3, 2, 2])[0]
        tif = random.choices(list(TimeInForce), [6, 2, 1, 2])[0]
        by_quote = kind in (OrderType.MARKET, OrderType.STOP) and side is Side.BUY and random.random() < 0.4
        has_price = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        away = 1 if side is Side.BUY else -1
        amount = random.randint(1, 8)
        return c.PlaceOrder(
            account,
            MARKET,
            side,
            kind,
            size_lots=0 if by_quote else amount,
            price_ticks=int(random.gauss(100, 3)) if has_price else 0,
            time_in_force=tif,
            post_only=kind is OrderType.LIMIT and tif is TimeInForce.GTC and random.random() < 0.15,
            self_trade_prevention=random.choice(list(SelfTradePrevention)),
            client_order_id=str(random.randint(1, 200)) if random.random() < 0.2 else "",
            quote_units=amount * self.notional_units * random.randint(60, 110) if by_quote else 0,
            stop_ticks=0 if kind in (OrderType.LIMIT, OrderType.MARKET) else 100 + away * random.randint(-1, 6),
            expires_ns=now_ns + random.choice([2, 30, 301]) * SECOND_NS if tif is TimeInForce.GTD else 0,
            connection_id=connection_of(account) if random.random() < 0.3 else 0,
        )

    def amendment(self, account: int, order_id: int) -> c.AmendOrder:
        random = self.random
        price, size, stop = random.randint(95, 105), random.randint(1, 12), random.randint(94, 106)
        chosen = [value if random.random() < 0.5 else 0 for value in (price, size, stop)]
        return c.AmendOrder(account, order_id, chosen[0], chosen[1], chosen[2] if random.random() < 0.5 else 0)

    def other(self, account: int) -> c.Command:
        random = self.random
        connection = connection_of(account)
        if random.random() < 0.3:
            halt = c.HaltMarket(MARKET, random.choice([5, 20]) * SECOND_NS)
            return random.choice([halt, c.ResumeMarket(MARKET), c.ResumeMarket(MARKET)])
        rare: list[c.Command] = [
            c.CancelAll(account, MARKET),
            c.CancelAfter(account, random.choice([0, 5, 40]) * SECOND_NS),
            c.Disconnect(connection),
            c.BeginEpoch(),
        ]
        common: list[c.Command] = [
            c.Deposit(account, "BTC", random.randint(1, 900), random.choice(["", "x", "y"])),
            c.Withdraw(account, "USDT", random.randint(1, 90_000), "somewhere", random.choice(["", "x", "z"])),
            c.RequestWithdrawal(account, "BTC", random.randint(1, 900), "somewhere", random.choice(["", "x", "w"])),
            c.CancelOnDisconnect(account, connection, random.random() < 0.8),
            c.Tick(),
        ]
        return random.choice(rare) if random.random() < 0.25 else random.choice(common)


@pytest.mark.parametrize("seed", range(10))
def test_a_busy_day(seed: int) -> None:
    pair = Pair()
    market = MARKETS[seed % len(MARKETS)]
    trader = Trader(seed, market)
    for command in opening(market, open_orders_max=7, lots=LOTS):
        pair.apply(command)
    for _ in range(COMMANDS):
        orders = pair.naive.oracle.orders
        open_ids = [(order.id, order.account) for order in orders.values() if order.is_open]
        pause = trader.random.choice([1, 1, SECOND_NS + 1, 9 * SECOND_NS + 1])
        pair.apply(trader.next(pair.now_ns + pause, open_ids), pause)
    assert len(pair.naive.trades()) > COMMANDS // 20
    pair.finish()
