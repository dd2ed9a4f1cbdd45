"""Two simple traders that keep the demo's book moving: a maker that quotes, a taker that trades now and then.

They reach the node as any user's program would: `python -m cryptex.cli.demo_bots URL SEED`. They end when stdin ends.
"""

import asyncio
import random
import secrets
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final

from cryptex.client.errors import CryptexError, RefusedError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Order
from cryptex.protocol.terms import Side

MARKET: Final = "BTC-USDT"
HOME_PRICE: Final = 60_000.0
"""Where the price starts and what it is drawn back to, in USDT."""

LEVELS: Final = 10
MAKER_PAUSE_S: Final = 0.4
TAKER_PAUSE_S: Final = 0.35
WALK_STEP: Final = 6.0
HOMING: Final = 0.002
HALF_SPREAD: Final = 2.0
LEVEL_STEP: Final = 3.0
STALE_SHARE: Final = 0.4
"""A quote is moved when it is further from where it should be than this share of a level step."""

MAKER_SIZES: Final = (0.02, 0.6)
TAKER_SIZE_MEDIAN: Final = 0.01
TAKER_SIZE_SPREAD: Final = 0.8
TAKER_SIZES: Final = (0.0005, 0.2)

REFILLS: Final = {"BTC": (Decimal(20), Decimal(50)), "USDT": (Decimal(1_500_000), Decimal(1_000_000))}
"""By asset: what a bot keeps at least, and what it deposits at a time when it has less."""

REFILL_EVERY: Final = 20
REFILLS_AT_ONCE_MAX: Final = 4

Pause = Callable[[float], Awaitable[None]]


class Walk:
    """A price that wanders and is drawn home. Deterministic for its random numbers."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.price = HOME_PRICE

    def step(self) -> float:
        """Move on and return the price."""
        self.price += self._chance.gauss(0.0, WALK_STEP) + HOMING * (HOME_PRICE - self.price)
        return self.price


class Maker:
    """Keeps LEVELS quotes a side around a walking price and moves those that no longer fit."""

    def __init__(self, exchange: Exchange, chance: random.Random) -> None:
        self._exchange = exchange
        self._chance = chance
        self._walk = Walk(chance)

    async def round(self) -> None:
        """Quote once: cancel what is stale, place what is missing."""
        middle = self._walk.step()
        resting = await self._exchange.open_orders(MARKET)
        absent: list[tuple[Side, float]] = []
        for side in (Side.BUY, Side.SELL):
            wanted = [wanted_price(side, middle, level) for level in range(LEVELS)]
            stale, missing = differences(wanted, [order for order in resting if order.side == side])
            for order in stale:
                await quietly(self._exchange.cancel_order(order.id))
            absent += [(side, price) for price in missing]
        for side, price in absent:
            size = f"{self._chance.uniform(*MAKER_SIZES):.5f}"
            # It may take: an order of the user's that the price has walked past is worth trading with.
            await quietly(self._exchange.place_order(MARKET, side, size, price=f"{price:.2f}"))


class Taker:
    """Sends small market orders, as often buys as sells."""

    def __init__(self, exchange: Exchange, chance: random.Random) -> None:
        self._exchange = exchange
        self._chance = chance

    async def round(self) -> None:
        """Trade once."""
        side = self._chance.choice((Side.BUY, Side.SELL))
        size = TAKER_SIZE_MEDIAN * self._chance.lognormvariate(0.0, TAKER_SIZE_SPREAD)
        size = min(max(size, TAKER_SIZES[0]), TAKER_SIZES[1])
        await quietly(self._exchange.place_order(MARKET, side, f"{size:.5f}"))


def wanted_price(side: Side, middle: float, level: int) -> float:
    """Return the price of a quote; level 0 is the best."""
    distance = HALF_SPREAD + LEVEL_STEP * level
    return middle - distance if side is Side.BUY else middle + distance


def differences(wanted: list[float], resting: list[Order]) -> tuple[list[Order], list[float]]:
    """Return the orders that stand near no wanted price, and the wanted prices near which no order stands."""
    reach = LEVEL_STEP * STALE_SHARE
    missing = list(wanted)
    stale: list[Order] = []
    for order in resting:
        price = float(order.price or 0)
        near = min(missing, key=lambda each: abs(each - price), default=None)
        if near is not None and abs(near - price) <= reach:
            missing.remove(near)
        else:
            stale.append(order)
    return stale, missing


async def refill(exchange: Exchange) -> None:
    """Deposit where too little is left, so that a bot never runs dry."""
    for balance in await exchange.balances():
        least, portion = REFILLS.get(balance.asset, (Decimal(0), Decimal(0)))
        have = balance.balance
        for _ in range(REFILLS_AT_ONCE_MAX):
            if have >= least:
                break
            await exchange.deposit(balance.asset, portion)
            have += portion


async def trade(bot: Maker | Taker, exchange: Exchange, pause_s: float, pause: Pause = asyncio.sleep) -> None:
    """Let a bot trade until it is canceled; what fails now is tried again in the next round."""
    turn = 0
    while True:
        try:
            if turn % REFILL_EVERY == 0:
                await refill(exchange)
            await bot.round()
        except CryptexError as error:
            print(f"{type(bot).__name__}: {error}", file=sys.stderr)  # noqa: T201 (the demo's log)
        turn += 1
        await pause(pause_s)


async def quietly(request: Awaitable[Order]) -> None:
    """Do something that may be refused because the market has moved on."""
    try:
        await request
    except RefusedError:
        return


async def open_account(url: str, name: str) -> Exchange:
    """Return a connection for a new user of the node, whose orders end with it."""
    exchange = Exchange(url)
    password = secrets.token_urlsafe(24)
    username = f"{name}-{secrets.token_hex(3)}"
    await exchange.register(username, password)
    await exchange.connect()
    await exchange.login(username, password)
    await exchange.cancel_on_disconnect()
    return exchange


async def run(url: str, seed: int) -> None:
    """Trade until stdin ends."""
    async with asyncio.TaskGroup() as opening:
        first = opening.create_task(open_account(url, "maker"))
        second = opening.create_task(open_account(url, "taker"))
    makers, takers = first.result(), second.result()
    maker = Maker(makers, random.Random(f"{seed} maker"))  # noqa: S311 (a simulation)
    taker = Taker(takers, random.Random(f"{seed} taker"))  # noqa: S311 (a simulation)
    tasks = [
        asyncio.create_task(trade(maker, makers, MAKER_PAUSE_S)),
        asyncio.create_task(trade(taker, takers, TAKER_PAUSE_S)),
        asyncio.create_task(asyncio.to_thread(sys.stdin.read)),
    ]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await makers.close()
    await takers.close()
    for task in done:
        task.result()


def main() -> None:
    """Run the bots of the demo: URL and seed are the arguments."""
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))


if __name__ == "__main__":
    main()
