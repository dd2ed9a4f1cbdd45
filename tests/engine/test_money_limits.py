"""The bound of 2^62: it is reached and never passed, in prices, sizes, holds, balances and postings."""

import pytest

from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.market import define_asset, define_market
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import AMOUNT_LIMIT, OUTSIDE_ACCOUNT, OrderType, Side
from tests.engine.subject import EngineSubject

MARKET = "BTC-USDT"
MOST = AMOUNT_LIMIT - 1


def opened(*grants: tuple[c.Grant, ...]) -> EngineSubject:
    """A market with the smallest steps, and an account for each set of grants."""
    subject = EngineSubject()
    commands: list[c.Command] = [
        c.DefineAsset("BTC", "Bitcoin", 0),
        c.DefineAsset("USDT", "Tether", 0),
        c.DefineMarket("BTC", "USDT", "1", "1", "0", "0.001", "0.999"),
        *[c.OpenAccount(str(number), each) for number, each in enumerate(grants)],
    ]
    for command in commands:
        tell(subject, command)
    return subject


def tell(subject: EngineSubject, command: c.Command) -> tuple[str, ...]:
    """Apply a command; every stored number stays below the bound."""
    answer = subject.apply(subject.exchange.time_ns + 1, command)
    subject.exchange.check()
    for event in subject.told:
        if isinstance(event, e.Posting):
            numbers = (event.available, event.held, event.available_change, event.held_change)
            assert all(abs(number) < AMOUNT_LIMIT for number in numbers)
            assert event.account_id == OUTSIDE_ACCOUNT or min(event.available, event.held) >= 0
    return answer


def test_a_deposit_reaches_the_bound_and_none_passes_it() -> None:
    subject = opened((), ())
    assert tell(subject, c.Deposit(1, "USDT", MOST - 1)) == ("deposited",)
    assert tell(subject, c.Deposit(2, "USDT", 2)) == ("refused", Code.AMOUNT_TOO_LARGE)
    assert tell(subject, c.Deposit(2, "USDT", 1)) == ("deposited",)
    assert tell(subject, c.Deposit(2, "USDT", 1)) == ("refused", Code.AMOUNT_TOO_LARGE)
    assert tell(subject, c.Withdraw(1, "USDT", 1, "x")) == ("withdrawn",)
    assert tell(subject, c.Deposit(2, "USDT", 1)) == ("deposited",)


@pytest.mark.parametrize("units", [AMOUNT_LIMIT, AMOUNT_LIMIT + 1, 2 * AMOUNT_LIMIT])
def test_a_deposit_beyond_the_bound_is_refused_by_name(units: int) -> None:
    subject = opened(())
    assert tell(subject, c.Deposit(1, "USDT", units)) == ("refused", Code.AMOUNT_TOO_LARGE)


def test_a_refused_deposit_does_not_use_up_its_reference() -> None:
    subject = opened(())
    assert tell(subject, c.Deposit(1, "USDT", AMOUNT_LIMIT, "r"))[0] == "refused"
    assert tell(subject, c.Deposit(1, "USDT", 5, "r")) == ("deposited",)


def test_a_refused_withdrawal_does_not_use_up_its_reference() -> None:
    subject = opened((c.Grant("USDT", 5),))
    assert tell(subject, c.Withdraw(1, "USDT", 6, "x", "r")) == ("refused", Code.INSUFFICIENT_FUNDS)
    assert tell(subject, c.Withdraw(1, "USDT", 5, "x", "r")) == ("withdrawn",)
    assert tell(subject, c.Withdraw(1, "USDT", 5, "x", "r")) == ("withdrawn", "repeated")
    assert tell(subject, c.Withdraw(1, "USDT", 5, "y", "r")) == ("refused", Code.REFERENCE_CONFLICT)


def test_the_whole_supply_can_be_held_and_traded() -> None:
    subject = opened((c.Grant("USDT", MOST),), (c.Grant("BTC", MOST),))
    assert tell(subject, c.PlaceOrder(1, MARKET, Side.BUY, OrderType.LIMIT, MOST, 1))[0] == "accepted"
    assert subject.balances()[1, "USDT"] == (0, MOST)
    assert tell(subject, c.PlaceOrder(2, MARKET, Side.SELL, OrderType.MARKET, MOST))[0] == "accepted"
    fee_base, fee_quote = -(-MOST // 1000), -(-MOST * 999 // 1000)
    assert subject.balances()[1, "BTC"] == (MOST - fee_base, 0)
    assert subject.balances()[2, "USDT"] == (MOST - fee_quote, 0)


@pytest.mark.parametrize("kind", [OrderType.LIMIT, OrderType.STOP_LIMIT])
def test_a_product_beyond_the_bound_lives_only_in_python(kind: OrderType) -> None:
    subject = opened((c.Grant("USDT", MOST),))
    stop = 5 if kind is OrderType.STOP_LIMIT else 0
    huge = c.PlaceOrder(1, MARKET, Side.BUY, kind, MOST, MOST, stop_ticks=stop)
    assert tell(subject, huge) == ("rejected", Code.INSUFFICIENT_FUNDS)
    seen = subject.order(1)
    assert (seen.held, seen.canceled, seen.remaining) == (0, MOST, 0)


def test_a_large_market_buy_over_a_dear_book_fills_nothing() -> None:
    subject = opened((c.Grant("USDT", MOST),), (c.Grant("BTC", MOST),))
    for _ in range(2):
        assert tell(subject, c.PlaceOrder(2, MARKET, Side.SELL, OrderType.LIMIT, 1, MOST))[0] == "accepted"
    buy = c.PlaceOrder(1, MARKET, Side.BUY, OrderType.MARKET, MOST)
    assert tell(subject, buy) == ("rejected", Code.INSUFFICIENT_FUNDS)
    by_quote = c.PlaceOrder(1, MARKET, Side.BUY, OrderType.MARKET, quote_units=MOST)
    assert tell(subject, by_quote)[0] == "accepted"
    assert subject.order(4).filled == 1


def test_an_order_never_earns_more_than_can_be_counted() -> None:
    """The same funds may pay it again and again, so its own price x size is what bounds it."""
    subject = opened((c.Grant("BTC", 20),), (c.Grant("USDT", MOST),))
    price = AMOUNT_LIMIT // 2
    sell = c.PlaceOrder(1, MARKET, Side.SELL, OrderType.LIMIT, 2, price)
    assert tell(subject, sell) == ("rejected", Code.AMOUNT_TOO_LARGE)
    assert tell(subject, c.PlaceOrder(1, MARKET, Side.SELL, OrderType.LIMIT, 1, price))[0] == "accepted"
    assert tell(subject, c.AmendOrder(1, 2, size_lots=2)) == ("refused", Code.AMOUNT_TOO_LARGE)
    assert subject.book(MARKET, Side.SELL) == [(price, 1, 2)]


def test_an_amend_beyond_the_bound_leaves_the_order_as_it_was() -> None:
    subject = opened((c.Grant("USDT", MOST),))
    tell(subject, c.PlaceOrder(1, MARKET, Side.BUY, OrderType.LIMIT, 2, 5))
    assert tell(subject, c.AmendOrder(1, 1, price_ticks=MOST, size_lots=MOST))[0] == "refused"
    assert subject.book(MARKET, Side.BUY) == [(5, 2, 1)]


def test_a_fee_is_never_more_than_what_is_received() -> None:
    subject = opened((c.Grant("USDT", 10),), (c.Grant("BTC", 10),))
    tell(subject, c.PlaceOrder(2, MARKET, Side.SELL, OrderType.LIMIT, 1, 1))
    tell(subject, c.PlaceOrder(1, MARKET, Side.BUY, OrderType.LIMIT, 1, 1))
    assert subject.balances().get((1, "BTC"), (0, 0)) == (0, 0)
    assert subject.balances().get((2, "USDT"), (0, 0)) == (0, 0)


def test_the_edge_refuses_what_the_engine_could_not_count() -> None:
    btc, usdt = define_asset("BTC", "Bitcoin", 8), define_asset("USDT", "Tether", 8)
    fees = {"maker_fee": "0", "taker_fee": "0", "price_band": None, "reference_price": None}
    market = define_market(btc, usdt, tick_size="0.01", lot_size="0.00001", min_notional="5", **fees)
    most = AMOUNT_LIMIT // 10**8
    assert btc.units(str(most)) < AMOUNT_LIMIT
    assert market.size_lots(str(most)) * market.lot_units < AMOUNT_LIMIT
    for convert in (btc.units, market.size_lots):
        with pytest.raises(Refusal) as refused:
            convert(str(most + 1))
        assert refused.value.code is Code.AMOUNT_TOO_LARGE
    with pytest.raises(Refusal) as refused:
        market.price_ticks("9" * 18)
    assert refused.value.code is Code.AMOUNT_TOO_LARGE
