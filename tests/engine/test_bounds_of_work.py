"""Rules that only show in numbers: a thousand stops a command, ten thousand closed keys, log time, accounts' ranges."""

import pytest

from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import dump, load, state_hash
from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.terms import BOT_ACCOUNTS_START, OrderType, Side
from tests.engine.pair import replayed
from tests.engine.subject import EngineSubject

MARKET = "BTC-USDT"
TRIGGERED_MAX = 1_000
CLOSED_KEYS_MAX = 10_000


def opened(subject: EngineSubject) -> int:
    """Open a market and two rich accounts; return the log time."""
    grants = (c.Grant("BTC", 10**9), c.Grant("USDT", 10**12))
    commands: list[c.Command] = [
        c.DefineAsset("BTC", "Bitcoin", 0),
        c.DefineAsset("USDT", "Tether", 0),
        c.DefineMarket("BTC", "USDT", "1", "1", "0", "0", "0"),
        c.OpenAccount("a", grants),
        c.OpenAccount("b", grants),
    ]
    for time_ns, command in enumerate(commands, 1):
        subject.apply(time_ns, command)
    return len(commands)


def limit(account: int, side: Side, size: int, price: int, key: str = "") -> c.PlaceOrder:
    return c.PlaceOrder(account, MARKET, side, OrderType.LIMIT, size, price, client_order_id=key)


def test_at_most_a_thousand_stops_run_after_a_command_and_the_rest_are_first_at_the_next() -> None:
    subject = EngineSubject()
    now = opened(subject)
    stops = TRIGGERED_MAX + 5
    for _ in range(stops):
        now += 1
        subject.apply(now, c.PlaceOrder(1, MARKET, Side.SELL, OrderType.STOP_LIMIT, 1, 200, stop_ticks=90))
    subject.apply(now + 1, limit(2, Side.BUY, 1, 90))
    subject.apply(now + 2, limit(2, Side.SELL, 1, 90))
    assert len(subject.book(MARKET, Side.SELL)) == 0, "an account does not trade with itself"
    subject.apply(now + 3, limit(2, Side.BUY, 1, 90))
    subject.apply(now + 4, limit(1, Side.SELL, 1, 90))
    triggered = [event.order_id for event in subject.told if isinstance(event, e.OrderTriggered)]
    assert triggered == list(range(1, TRIGGERED_MAX + 1))
    assert subject.exchange.next_deadline_ns() is not None, "the rest wait for the next command: a tick must come"
    subject.exchange.check()
    copied = load(dump(subject.exchange))
    subject.apply(now + 5, limit(2, Side.BUY, 5, 200))
    assert [event.order_id for event in subject.told if isinstance(event, e.OrderTriggered)] == list(
        range(TRIGGERED_MAX + 1, stops + 1)
    )
    first = next(i for i, event in enumerate(subject.told) if isinstance(event, e.OrderTriggered))
    accepted = next(i for i, event in enumerate(subject.told) if isinstance(event, e.OrderAccepted))
    assert first < accepted, "what was left runs before the next command"
    assert len(subject.book(MARKET, Side.SELL)) == stops - 5
    replayed(copied, [(now + 5, limit(2, Side.BUY, 5, 200))], [])
    assert state_hash(copied) == state_hash(subject.exchange)
    assert subject.exchange.next_deadline_ns() is None


def test_a_reached_stop_that_waits_for_its_turn_can_still_be_canceled() -> None:
    subject = EngineSubject()
    now = opened(subject)
    for _ in range(2 * TRIGGERED_MAX + 1):
        now += 1
        subject.apply(now, c.PlaceOrder(1, MARKET, Side.SELL, OrderType.STOP_LIMIT, 1, 200, stop_ticks=90))
    subject.apply(now + 1, limit(2, Side.BUY, 1, 90))
    subject.apply(now + 2, limit(1, Side.SELL, 1, 90))
    subject.apply(now + 3, c.CancelOrder(1, 2 * TRIGGERED_MAX + 1))
    assert subject.order(2 * TRIGGERED_MAX + 1).status == "canceled"
    subject.apply(now + 4, c.Tick())
    assert len(subject.book(MARKET, Side.SELL)) == 2 * TRIGGERED_MAX
    subject.exchange.check()


def test_a_closed_key_lives_until_ten_thousand_newer_ones_are_closed() -> None:
    subject = EngineSubject()
    now = opened(subject)

    def place_and_cancel(key: str) -> None:
        nonlocal now
        answer = subject.apply(now + 1, limit(1, Side.BUY, 1, 90, key))
        subject.apply(now + 2, c.CancelOrder(1, int(answer[1])))
        now += 2

    place_and_cancel("first")
    for number in range(CLOSED_KEYS_MAX - 1):
        place_and_cancel(str(number))
    assert subject.apply(now + 1, limit(1, Side.BUY, 1, 90, "first")) == ("repeated", "1")
    now += 1
    place_and_cancel("one more")
    assert subject.apply(now + 1, limit(1, Side.BUY, 1, 90, "first"))[0] == "accepted"


@pytest.mark.parametrize("later_ns", [0, -1])
def test_log_time_is_strictly_increasing(later_ns: int) -> None:
    exchange = Exchange()
    exchange.apply(100, c.Tick())
    with pytest.raises(InvariantBroken):
        exchange.apply(100 + later_ns, c.Tick())


def test_bot_accounts_live_in_a_range_of_their_own() -> None:
    subject = EngineSubject()
    now = opened(subject)
    subject.apply(now + 1, c.OpenAccount("bot", (), bot=True))
    subject.apply(now + 2, c.OpenAccount("user", ()))
    assert subject.exchange.account_for("bot") == BOT_ACCOUNTS_START
    assert subject.exchange.account_for("user") == 3
    assert list(subject.exchange.accounts()) == [1, 2, 3]


def test_each_command_takes_a_sequence_and_epochs_count_from_one() -> None:
    exchange = Exchange()
    exchange.apply(1, c.Tick())
    exchange.apply(2, c.BeginEpoch())
    assert (exchange.sequence, exchange.epoch, exchange.time_ns) == (2, 1, 2)
    exchange.skip(3)
    assert (exchange.sequence, exchange.epoch, exchange.time_ns) == (3, 1, 3)
