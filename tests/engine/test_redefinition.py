"""A market that gets other steps: what was asked in the old ones keeps its meaning."""

from cryptex.engine.snapshot import dump, load, state_hash
from cryptex.protocol import commands as c
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import AMOUNT_LIMIT, OrderType, Side
from tests.engine.subject import EngineSubject

MARKET = "BTC-USDT"


def defined(tick_size: str) -> c.DefineMarket:
    return c.DefineMarket("BTC", "USDT", tick_size, "0.01", "0", "0", "0")


def opened() -> EngineSubject:
    """Two funded accounts and a market with a tick of 0.01."""
    subject = EngineSubject()
    for command in (
        c.DefineAsset("BTC", "Bitcoin", 8),
        c.DefineAsset("USDT", "Tether", 8),
        defined("0.01"),
        c.OpenAccount("ann", (c.Grant("BTC", AMOUNT_LIMIT // 4), c.Grant("USDT", AMOUNT_LIMIT // 4))),
        c.OpenAccount("bob", (c.Grant("BTC", AMOUNT_LIMIT // 4), c.Grant("USDT", AMOUNT_LIMIT // 4))),
    ):
        tell(subject, command)
    return subject


def tell(subject: EngineSubject, command: c.Command) -> tuple[str, ...]:
    answer = subject.apply(subject.exchange.time_ns + 1, command)
    subject.exchange.check()
    return answer


def buy(price_ticks: int, key: str) -> c.PlaceOrder:
    return c.PlaceOrder(1, MARKET, Side.BUY, OrderType.LIMIT, 100, price_ticks, client_order_id=key)


def test_a_closed_key_means_the_same_price_in_the_new_ticks() -> None:
    subject = opened()
    tell(subject, buy(10_000, "at 100.00"))
    tell(subject, buy(10_003, "at 100.03"))
    tell(subject, c.CancelAll(1))
    tell(subject, defined("0.1"))
    assert tell(subject, buy(1_000, "at 100.00"))[0] == "repeated"
    assert tell(subject, buy(10_000, "at 100.00"))[:2] == ("refused", Code.CLIENT_ORDER_ID_CONFLICT)
    for ticks in (1_000, 10_003):
        assert tell(subject, buy(ticks, "at 100.03"))[:2] == ("refused", Code.CLIENT_ORDER_ID_CONFLICT)
    again = load(dump(subject.exchange))
    assert state_hash(again) == state_hash(subject.exchange)
    assert again.order_id_for(1, "at 100.03") == 2


def test_turnover_beyond_64_bits_does_not_keep_a_snapshot_from_being_written() -> None:
    subject = opened()
    band = subject.exchange.live_markets[MARKET].band
    band.note(subject.exchange.time_ns, 1 << 61, 1 << 61)
    assert band.weighted_ticks > 1 << 64
    assert state_hash(load(dump(subject.exchange))) == state_hash(subject.exchange)


def test_an_account_that_was_never_opened_breaks_nothing() -> None:
    subject = opened()
    for command in (c.CancelAfter(9, 1), c.CancelOnDisconnect(9, 7, True), c.Deposit(9, "BTC", 1), c.CancelAll(9)):
        tell(subject, command)
    assert tell(subject, c.CancelAfter(9, 1)) == ("refused", Code.FORBIDDEN)
    assert tell(subject, c.CancelOnDisconnect(9, 7, True)) == ("refused", Code.FORBIDDEN)
