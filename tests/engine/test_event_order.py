"""The order of a command's events: what follows the log depends on it."""

from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.terms import OrderType, Side, TimeInForce
from tests.engine.subject import EngineSubject

MARKET = "BTC-USDT"
BUY, SELL = Side.BUY, Side.SELL


class Desk:
    """Three rich accounts and a market in which every step is one and fees are a tenth and a fifth."""

    def __init__(self, maker_fee: str = "0.1", taker_fee: str = "0.2") -> None:
        self.subject = EngineSubject()
        self.now_ns = 0
        grants = (c.Grant("BTC", 10**6), c.Grant("USDT", 10**6))
        self.tell(c.DefineAsset("BTC", "Bitcoin", 0))
        self.tell(c.DefineAsset("USDT", "Tether", 0))
        self.tell(c.DefineMarket("BTC", "USDT", "1", "1", "0", maker_fee, taker_fee))
        for name in "abc":
            self.tell(c.OpenAccount(name, grants))

    def tell(self, command: c.Command, after_ns: int = 1) -> list[str]:
        self.now_ns += after_ns
        self.subject.apply(self.now_ns, command)
        return [words(event) for event in self.subject.told]

    def limit(self, account: int, side: Side, size: int, price: int, stop: int = 0, expires_ns: int = 0) -> list[str]:
        kind = OrderType.STOP_LIMIT if stop else OrderType.LIMIT
        in_force = TimeInForce.GTD if expires_ns else TimeInForce.GTC
        place = c.PlaceOrder(account, MARKET, side, kind, size, price, in_force, stop_ticks=stop, expires_ns=expires_ns)
        return self.tell(place)


def words(event: e.Event) -> str:
    """What an event says, in a line."""
    match event:
        case e.Posting():
            changes = f"{event.available_change:+}{event.held_change:+}"
            account = event.account_id if event.account_id < 100 else "fees"
            return f"{event.kind} {event.reference}: {account} {event.asset} {changes}"
        case e.LevelChanged():
            return f"level {event.side} {event.price_ticks}: {event.size_lots}"
        case e.Trade():
            return f"trade {event.trade_id}: {event.size_lots}@{event.price_ticks}"
        case e.Fill():
            return f"fill {event.fill_id}: {event.liquidity} #{event.order_id} fee {event.fee_units}"
        case e.OrderEnded():
            return f"ended #{event.order_id} {event.status} {event.reason} {event.canceled_lots}"
        case e.OrderAccepted() | e.OrderTriggered() | e.OrderReduced():
            return f"{event.__struct_config__.tag} #{event.order_id}"
        case _:
            return str(event.__struct_config__.tag)


def test_an_order_that_rests_is_accepted_then_held_for_then_seen_in_its_level() -> None:
    assert Desk().limit(1, BUY, 5, 90) == ["accepted #1", "hold 1: 1 USDT -450+450", "level buy 90: 5"]


def test_a_canceled_order_ends_then_gives_back_what_it_held() -> None:
    desk = Desk()
    desk.limit(1, BUY, 5, 90)
    assert desk.tell(c.CancelOrder(1, 1)) == [
        "ended #1 canceled user 5",
        "release 1: 1 USDT +450-450",
        "level buy 90: 0",
    ]


def test_a_trade_is_told_before_its_fills_and_its_entry_and_a_filled_maker_ends_before_the_next_trade() -> None:
    desk = Desk()
    desk.limit(1, SELL, 10, 90)
    desk.limit(2, SELL, 20, 95)
    assert desk.limit(3, BUY, 20, 100) == [
        "accepted #3",
        "hold 3: 3 USDT -2000+2000",
        "trade 1: 10@90",
        "fill 1: maker #1 fee 90",
        "fill 2: taker #3 fee 2",
        "trade 1: 3 USDT +100-1000",
        "trade 1: 3 BTC +8+0",
        "trade 1: 1 BTC +0-10",
        "trade 1: 1 USDT +810+0",
        "trade 1: fees BTC +2+0",
        "trade 1: fees USDT +90+0",
        "ended #1 filled filled 0",
        "trade 2: 10@95",
        "fill 3: maker #2 fee 95",
        "fill 4: taker #3 fee 2",
        "trade 2: 3 USDT +50-1000",
        "trade 2: 3 BTC +8+0",
        "trade 2: 2 BTC +0-10",
        "trade 2: 2 USDT +855+0",
        "trade 2: fees BTC +2+0",
        "trade 2: fees USDT +95+0",
        "ended #3 filled filled 0",
        "level sell 90: 0",
        "level sell 95: 10",
    ]


def test_a_seller_that_takes_is_told_of_in_the_same_order() -> None:
    desk = Desk()
    desk.limit(1, BUY, 10, 90)
    assert desk.limit(2, SELL, 10, 80) == [
        "accepted #2",
        "hold 2: 2 BTC -10+10",
        "trade 1: 10@90",
        "fill 1: maker #1 fee 1",
        "fill 2: taker #2 fee 180",
        "trade 1: 1 USDT +0-900",
        "trade 1: 1 BTC +9+0",
        "trade 1: 2 BTC +0-10",
        "trade 1: 2 USDT +720+0",
        "trade 1: fees BTC +1+0",
        "trade 1: fees USDT +180+0",
        "ended #1 filled filled 0",
        "ended #2 filled filled 0",
        "level buy 90: 0",
    ]


def test_no_fee_is_no_line_of_the_entry() -> None:
    desk = Desk("0", "0")
    desk.limit(1, BUY, 1, 90)
    assert not [line for line in desk.limit(2, SELL, 1, 90) if "fees" in line]


def test_levels_come_last_by_side_and_within_it_in_the_order_of_first_change_each_once() -> None:
    desk = Desk("0", "0")
    desk.limit(1, SELL, 5, 100)
    desk.limit(1, SELL, 5, 101)
    desk.limit(1, BUY, 5, 90)
    desk.limit(2, SELL, 5, 90, stop=100)
    desk.limit(2, BUY, 5, 110, stop=101)
    desk.limit(1, SELL, 3, 102)
    told = desk.limit(3, BUY, 12, 101)
    assert [line for line in told if line.startswith("triggered")] == ["triggered #4", "triggered #5"]
    assert told[-6:] == [
        "level sell 100: 0",
        "level sell 101: 0",
        "level sell 102: 0",
        "level buy 101: 0",
        "level buy 90: 2",
        "level buy 110: 2",
    ]


def test_a_level_that_goes_and_comes_again_in_a_command_is_told_of_once_as_it_is_in_the_end() -> None:
    desk = Desk("0", "0")
    desk.limit(1, SELL, 5, 100)
    desk.limit(2, SELL, 4, 100, stop=200)
    assert desk.limit(3, BUY, 5, 100)[-2:] == ["triggered #2", "level sell 100: 4"]


def test_what_is_due_ends_before_the_command_by_time_then_order_id() -> None:
    desk = Desk()
    for price, expires_ns in ((90, 1_000), (91, 900), (92, 900)):
        desk.limit(1, BUY, 1, price, expires_ns=expires_ns)
    told = desk.tell(c.PlaceOrder(2, MARKET, BUY, OrderType.LIMIT, 1, 80), after_ns=2_000)
    assert told == [
        "ended #2 expired expired 1",
        "release 2: 1 USDT +91-91",
        "ended #3 expired expired 1",
        "release 3: 1 USDT +92-92",
        "ended #1 expired expired 1",
        "release 1: 1 USDT +90-90",
        "accepted #4",
        "hold 4: 2 USDT -80+80",
        "level buy 91: 0",
        "level buy 92: 0",
        "level buy 90: 0",
        "level buy 80: 1",
    ]


def test_a_rejected_order_is_one_event_with_the_next_id() -> None:
    desk = Desk()
    assert desk.limit(1, BUY, 10**6, 90) == ["rejected"]
    assert desk.limit(1, BUY, 1, 90)[0] == "accepted #2"
