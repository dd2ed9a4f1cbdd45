"""Measuring a node: a private one that can do all it wants, or one that others use."""

import asyncio
import secrets
import ssl
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from websockets.exceptions import WebSocketException

from cryptex.cli.bench_load import Figures, Load, Request, crossing, resting, run_load
from cryptex.cli.common import Run
from cryptex.cli.door import Door
from cryptex.cli.faults import Fault
from cryptex.cli.private_node import PLAIN, PrivateNode
from cryptex.cli.probe import socket_url
from cryptex.client.caller import market_path
from cryptex.client.errors import unreachable
from cryptex.protocol.market import market_symbol
from cryptex.protocol.problems import Code
from cryptex.protocol.views import MarketList, MarketView, SessionView, TickerView, UserView

CONFIG: Final = """
[limits]
commands_per_second = 0
connections_per_address = 0
logins_per_minute = 0
open_orders_per_market = 1000000
[accounts.opening]
USDT = "100000000"
BTC = "10000"
"""
"""The private node has no limits, and users who can pay for everything."""

DISTANCE: Final = Decimal("0.5")
"""Orders on a node that others use stand at this share of its best price, where nobody trades with them."""

PRICE_WITHOUT_MARKET_TICKS: Final = 1000


def bench_private(run: Run, seconds: float, connections: int, in_flight: int) -> None:
    """Measure a private node without limits, with a user for each connection."""
    with TemporaryDirectory(prefix="cryptex-bench-") as folder, PrivateNode(Path(folder), CONFIG, PLAIN) as node:
        run.out.note("Starting a private node ...")
        url = node.start().url
        figures = _measure(run, url, _register(url, connections), Load(seconds, in_flight), crossing)
    _report(run, figures, "private", connections, in_flight)


def bench_node(run: Run, market: str, seconds: float, connections: int, in_flight: int, *, yes: bool) -> None:
    """Measure the node that was named, for the user who is logged in."""
    name, token = market_symbol(market), run.token()
    run.out.confirm(f"Send orders in {name} to {run.url} as fast as it takes them, for {seconds:g} s?", yes=yes)
    make = _resting(run.door(token), name)
    context = None if run.trust is None else run.trust.context()
    figures = _measure(run, run.url, [token] * connections, Load(seconds, in_flight), make, context)
    _report(run, figures, run.url, connections, in_flight)


def _measure(
    run: Run,
    url: str,
    tokens: list[str],
    load: Load,
    make: Callable[[int], Request],
    context: ssl.SSLContext | None = None,
) -> Figures:
    try:
        with run.out.progress("Measuring") as tell:
            return asyncio.run(run_load(socket_url(url), tokens, load, make, tell, context))
    except (OSError, WebSocketException) as error:
        raise unreachable(f"the node's websocket ended the measurement: {error}") from None


def _register(url: str, count: int) -> list[str]:
    """Return the tokens of new users of the private node."""
    door, tokens = Door(url), []
    for number in range(count):
        credentials = {"username": f"bench-{number}", "password": secrets.token_urlsafe()}
        door.send("POST", "/users", UserView, {**credentials})
        tokens.append(door.send("POST", "/sessions", SessionView, {**credentials}, changes=False).view.token)
    return tokens


def _resting(door: Door, name: str) -> Callable[[int], Request]:
    """Return orders that do not move a market that others use: small, and far below its best price."""
    found = next((each for each in door.read("/markets", MarketList).view.markets if each.market == name), None)
    if found is None:
        raise Fault(
            f"there is no market {name}", code=Code.UNKNOWN_MARKET.value, suggestion="`cryptex markets` lists them."
        )
    price, size = resting_terms(found, door.read(market_path(name, "ticker"), TickerView).view)
    return resting(name, format(price, "f"), format(size, "f"), secrets.token_hex(4))


def resting_terms(market: MarketView, ticker: TickerView) -> tuple[Decimal, Decimal]:
    """Return price and size of a buy that will not trade, of twice the least notional."""
    tick, lot = Decimal(market.tick_size), Decimal(market.lot_size)
    best = ticker.best_bid or ticker.best_ask or ticker.last
    wanted = tick * PRICE_WITHOUT_MARKET_TICKS if best is None else Decimal(best) * DISTANCE
    price = max((wanted / tick).to_integral_value(ROUND_FLOOR), Decimal(1)) * tick
    lots = (2 * Decimal(market.min_notional) / price / lot).to_integral_value(ROUND_CEILING)
    return price, max(lots, Decimal(1)) * lot


def _report(run: Run, figures: Figures, node: str, connections: int, in_flight: int) -> None:
    refused = sum(figures.refusals.values())
    run.out.fields(
        [
            ("node", node),
            ("replies per second", f"{figures.replies / figures.seconds:.0f}"),
            ("p50 ms", f"{figures.p50_ms:.2f}"),
            ("p99 ms", f"{figures.p99_ms:.2f}"),
            ("p99.9 ms", f"{figures.p999_ms:.2f}"),
            ("replies", figures.replies),
            ("refused", refused),
            ("seconds", f"{figures.seconds:.2f}"),
            ("connections", connections),
            ("in flight", in_flight),
        ]
    )
    if refused:
        named = ", ".join(f"{count} {code}" for code, count in sorted(figures.refusals.items()))
        run.out.note(f"Of the replies were refusals: {named}.")
