"""Sizes by one key never ask for more than there is: held against the engine's own rule."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cryptex.client.models import Level
from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.tui.model import Depth, Terms
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.form import Form, check
from cryptex.tui.ticket.presets import Preferences, Spot, hints, next_spot, preset, spot_price
from cryptex.tui.ticket.sizing import SHARES, by_share, by_value
from tests.engine.subject import EngineSubject
from tests.tui.fake_exchange import MARKETS, MOMENT, market

TERMS = Terms.of(MARKETS[0])
E8 = 10**8
BOOK = Depth(
    bids=(Level(Decimal("99.50"), Decimal(1)),), asks=(Level(Decimal(100), Decimal(1)), Level(Decimal(200), Decimal(5)))
)


def sized(percent: int = 100, available: str = "1000", depth: Depth | None = BOOK, **fields: object) -> Form:
    return by_share(Form(**fields), TERMS, depth, Decimal(available), percent)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "percent", "size"),
    [
        ({"price": "300"}, 100, "3.33333"),
        ({"price": "300"}, 50, "1.66666"),
        ({"side": Side.SELL, "price": "300"}, 25, "250.00000"),
        ({"type": OrderType.STOP_LIMIT, "price": "250", "stop_price": "200"}, 100, "4.00000"),
        ({"type": OrderType.MARKET, "time_in_force": TimeInForce.FOK}, 100, "5.50000"),
        ({"type": OrderType.MARKET, "side": Side.SELL}, 75, "750.00000"),
    ],
)
def test_a_share_is_whole_lots_of_what_it_buys(fields: dict[str, object], percent: int, size: str) -> None:
    assert sized(percent, **fields).size == size


def test_a_share_at_market_is_an_amount_of_quote() -> None:
    form = sized(25, "1000.01230000", type=OrderType.MARKET)
    assert (form.by_quote, form.size, form.share) == (True, "250.00307500", 25)


def test_a_share_of_much_at_next_to_nothing_is_a_size() -> None:
    tiny = replace(TERMS, tick=Decimal("0.00000001"), lot=Decimal("0.00000001"))
    much = Decimal(4611686018427387903)
    form = by_share(Form(price="0.00000001"), tiny, BOOK, much, 100)
    assert form.size == "461168601842738790300000000.00000000"


def test_a_limit_without_a_price_takes_the_best_of_its_side() -> None:
    form = sized()
    assert (form.price, form.size) == ("99.50", "10.05025")
    assert sized(depth=None).size == ""


def test_nothing_available_is_no_size() -> None:
    assert sized(available="0", price="100").size == ""
    assert sized(available="0.00000000", type=OrderType.MARKET).size == ""


def test_presets_are_worth_least_orders_or_what_the_user_chose() -> None:
    form = Form(price="61234.50")
    assert [preset(form, TERMS, None, None, Preferences(), n).size for n in (1, 2, 3, 4)] == [  # type: ignore[union-attr]
        "0.00163",
        "0.00816",
        "0.01633",
        "0.08165",
    ]
    chosen = Preferences(sizes={TERMS.market: (Decimal("0.5"), Decimal("0.000019"))})
    assert preset(form, TERMS, None, None, chosen, 1) == replace(form, size="0.50000")
    assert preset(form, TERMS, None, None, chosen, 2) == replace(form, size="0.00001")
    assert preset(form, TERMS, None, None, chosen, 3) is None
    free = Terms.of(market("BTC-USDT", "0.01", "0.00001", "0"))
    assert preset(form, free, None, None, Preferences(), 3) == replace(form, size="0.00100")
    quote = Form(type=OrderType.MARKET, by_quote=True)
    assert preset(quote, TERMS, None, None, Preferences(), 1) == replace(quote, size="100")


def test_hints_say_what_the_digits_do() -> None:
    sizes, shares = hints(TERMS, Decimal("61234.50"), Preferences())
    assert sizes == "1 .00163  2 .00816  3 .01633  4 .08165"
    assert shares == "5 25%  6 50%  7 75%  8 100%"


def test_prices_of_the_market_come_in_turn() -> None:
    prices = {s: spot_price(s, TERMS, BOOK, Decimal(98), Side.BUY) for s in Spot}
    assert prices == {Spot.OWN: Decimal("99.50"), Spot.MID: Decimal("99.75"), Spot.FAR: 100, Spot.LAST: 98}
    odd = Depth(bids=(Level(Decimal("1.00"), Decimal(1)),), asks=(Level(Decimal("1.03"), Decimal(1)),))
    assert spot_price(Spot.MID, TERMS, odd, None, Side.BUY) == Decimal("1.01")
    assert spot_price(Spot.MID, TERMS, odd, None, Side.SELL) == Decimal("1.02")
    assert next_spot(Spot.OWN, TERMS, Depth(bids=odd.bids), Decimal(1), Side.BUY) is Spot.LAST
    assert next_spot(None, TERMS, Depth(), None, Side.BUY) is None


AMOUNTS = st.integers(0, 10**13)
KINDS = st.sampled_from(
    [
        (OrderType.LIMIT, TimeInForce.GTC),
        (OrderType.MARKET, TimeInForce.IOC),
        (OrderType.MARKET, TimeInForce.FOK),
        (OrderType.STOP_LIMIT, TimeInForce.GTC),
    ]
)
LEVELS = st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 10**6)), max_size=5, unique_by=lambda level: level[0])


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, AMOUNTS, st.sampled_from(list(Side)), KINDS, st.integers(1, 10**7), LEVELS, st.sampled_from(SHARES))
def test_no_share_is_refused_for_want_of_funds(
    quote_units: int,
    base_units: int,
    side: Side,
    kind: tuple[OrderType, TimeInForce],
    price_cents: int,
    asks: list[tuple[int, int]],
    percent: int,
) -> None:
    """A share of what is available, in each type, against the same book, is never more than the engine lets through."""
    subject = opened(c.Grant("USDT", quote_units), c.Grant("BTC", base_units))
    for ticks, lots in asks:
        apply(subject, c.PlaceOrder(2, "BTC-USDT", Side.SELL, OrderType.LIMIT, lots, ticks))
    depth = Depth(asks=tuple(Level(Decimal(t) / 100, Decimal(n) / 10**5) for t, n in sorted(asks)))
    order_type, force = kind
    units = quote_units if side is Side.BUY else base_units
    price = f"{Decimal(price_cents) / 100:f}"
    form = Form(side=side, type=order_type, price=price, stop_price=price, time_in_force=force)
    made = check(by_share(form, TERMS, depth, Decimal(units).scaleb(-8), percent), TERMS, MOMENT)
    assume(isinstance(made, Draft))
    assert isinstance(made, Draft)
    apply(subject, placed(made))
    rejected = [event for event in subject.told if isinstance(event, e.OrderRejected)]
    assert all(event.code is not Code.INSUFFICIENT_FUNDS for event in rejected)


def opened(*grants: c.Grant) -> EngineSubject:
    """The default BTC-USDT without a least order, an account with these grants, and one that sells to it."""
    subject = EngineSubject()
    for command in (
        c.DefineAsset("BTC", "Bitcoin", 8),
        c.DefineAsset("USDT", "Tether", 8),
        c.DefineMarket("BTC", "USDT", "0.01", "0.00001", "0", "0.0010", "0.0010"),
        c.OpenAccount("1", tuple(grant for grant in grants if grant.units)),
        c.OpenAccount("2", (c.Grant("BTC", 10**17),)),
    ):
        apply(subject, command)
    return subject


def apply(subject: EngineSubject, command: c.Command) -> None:
    subject.apply(subject.exchange.time_ns + 1, command)
    subject.exchange.check()


def placed(draft: Draft) -> c.PlaceOrder:
    """The command that the gateway makes of the draft."""
    return c.PlaceOrder(
        1,
        draft.market,
        draft.side,
        draft.type,
        size_lots=int((draft.size or 0) * 10**5),
        price_ticks=int((draft.price or 0) * 100),
        time_in_force=draft.time_in_force,
        quote_units=int((draft.quote_size or 0) * E8),
        stop_ticks=int((draft.stop_price or 0) * 100),
    )


def test_a_preset_by_value_is_never_worth_more_unless_it_is_one_lot() -> None:
    form = by_value(Form(price="0.03"), TERMS, None, None, Decimal(100))
    assert Decimal(form.size) * Decimal("0.03") <= 100
    assert by_value(Form(price="9999999"), TERMS, None, None, Decimal(1)).size == "0.00001"
