"""The demo's traders, one round at a time, against an exchange that only writes down what it is asked."""

import asyncio
import random
from decimal import Decimal
from typing import cast

import msgspec
import pytest

from cryptex.cli.demo_bots import (
    HOME_PRICE,
    LEVEL_STEP,
    LEVELS,
    REFILLS,
    Maker,
    Taker,
    Walk,
    differences,
    refill,
    trade,
    wanted_price,
)
from cryptex.client.errors import RefusedError, UnavailableError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Balance, Order
from cryptex.protocol.codec import encode_json
from cryptex.protocol.terms import Side
from tests.cli.canned import ORDER

SEEDS = range(5)


def _order(order_id: int, side: Side, price: str) -> Order:
    order = msgspec.json.decode(encode_json(ORDER), type=Order)
    return msgspec.structs.replace(order, id=order_id, side=side, price=Decimal(price))


class FakeExchange:
    """Keeps open orders and balances; refuses or fails when told to."""

    def __init__(self) -> None:
        self.resting: dict[int, Order] = {}
        self.placed: list[tuple[Side, str, str | None]] = []
        self.funds = {"BTC": Decimal(0), "USDT": Decimal(0)}
        self.error: Exception | None = None

    async def open_orders(self, _market: str) -> list[Order]:
        return list(self.resting.values())

    async def cancel_order(self, order_id: int) -> Order:
        return self.resting.pop(order_id)

    async def place_order(self, _market: str, side: Side, size: str, *, price: str | None = None) -> Order:
        if self.error is not None:
            raise self.error
        self.placed.append((side, size, price))
        order = _order(len(self.placed), side, price or "1")
        if price is not None:
            self.resting[order.id] = order
        return order

    async def balances(self) -> list[Balance]:
        return [Balance(asset, amount, Decimal(0), amount) for asset, amount in self.funds.items()]

    async def deposit(self, asset: str, amount: Decimal) -> None:
        self.funds[asset] += amount


def _as_exchange(fake: FakeExchange) -> Exchange:
    return cast(Exchange, fake)


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_maker_keeps_ten_levels_a_side_that_do_not_cross(seed: int) -> None:
    fake = FakeExchange()
    maker = Maker(_as_exchange(fake), random.Random(seed))
    for _ in range(50):
        await maker.round()
        bids = [order.price or 0 for order in fake.resting.values() if order.side is Side.BUY]
        asks = [order.price or 0 for order in fake.resting.values() if order.side is Side.SELL]
        assert len(bids) == len(asks) == LEVELS
        assert max(bids) < min(asks)


async def test_a_seed_gives_the_same_orders_again() -> None:
    first, second = FakeExchange(), FakeExchange()
    for fake in (first, second):
        maker, taker = (kind(_as_exchange(fake), random.Random("7")) for kind in (Maker, Taker))
        for _ in range(10):
            await maker.round()
            await taker.round()
    assert first.placed == second.placed


async def test_the_taker_sends_small_market_orders_of_both_sides() -> None:
    fake = FakeExchange()
    taker = Taker(_as_exchange(fake), random.Random(1))
    for _ in range(100):
        await taker.round()
    assert {side for side, _, _ in fake.placed} == set(Side)
    assert all(price is None and Decimal("0.0005") <= Decimal(size) <= Decimal("0.2") for _, size, price in fake.placed)


async def test_refill_lifts_each_asset_over_what_is_kept_at_least() -> None:
    fake = FakeExchange()
    await refill(_as_exchange(fake))
    assert all(fake.funds[asset] >= least for asset, (least, _) in REFILLS.items())
    before = dict(fake.funds)
    await refill(_as_exchange(fake))
    assert fake.funds == before


@pytest.mark.parametrize("error", [RefusedError("moved on"), UnavailableError("away")])
async def test_a_bot_goes_on_after_an_error(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeExchange()
    fake.error = error
    rounds = 0

    async def pause(_seconds: float) -> None:
        nonlocal rounds
        rounds += 1
        fake.error = None
        if rounds == 3:
            raise asyncio.CancelledError

    bot = Taker(_as_exchange(fake), random.Random(1))
    with pytest.raises(asyncio.CancelledError):
        await trade(bot, _as_exchange(fake), 1.0, pause)
    assert len(fake.placed) == 2
    assert ("away" in capsys.readouterr().err) == isinstance(error, UnavailableError)


def test_quotes_that_still_fit_stay() -> None:
    wanted = [wanted_price(Side.BUY, HOME_PRICE, level) for level in range(3)]
    fits, far = _order(1, Side.BUY, f"{wanted[1] + LEVEL_STEP / 4:.2f}"), _order(2, Side.BUY, "59000")
    stale, missing = differences(wanted, [fits, far])
    assert (stale, missing) == ([far], [wanted[0], wanted[2]])


def test_the_walk_comes_home() -> None:
    walk = Walk(random.Random(3))
    prices = [walk.step() for _ in range(20_000)]
    assert abs(sum(prices) / len(prices) - HOME_PRICE) < HOME_PRICE / 100
    assert max(abs(price - HOME_PRICE) for price in prices) < HOME_PRICE / 50
    assert len(set(prices)) == len(prices)
