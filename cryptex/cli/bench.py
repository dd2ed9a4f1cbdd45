"""`cryptex bench`: how many orders a second a node makes durable, and how long each takes."""

from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.completion import complete_market
from cryptex.cli.orders import YesOption

CONNECTIONS_DEFAULT: Final = 16
IN_FLIGHT_DEFAULT: Final = 16
SECONDS_DEFAULT: Final = 5


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "bench", example="cryptex bench --seconds 3")(bench)


def bench(
    run: Run,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=600, metavar="S", help="How long.")] = (
        SECONDS_DEFAULT
    ),
    connections: Annotated[
        int, typer.Option("--connections", min=1, max=256, metavar="N", help="How many at once.")
    ] = CONNECTIONS_DEFAULT,
    in_flight: Annotated[
        int, typer.Option("--in-flight", min=1, max=256, metavar="N", help="Requests that wait on each.")
    ] = IN_FLIGHT_DEFAULT,
    market: Annotated[
        str, typer.Option("--market", metavar="MARKET", help="With --node: where.", autocompletion=complete_market)
    ] = "BTC-USDT",
    yes: YesOption = False,
) -> None:
    """Measure durable order replies a second.

    And how long they take. On a private node without limits, which is gone afterwards; or with --node on that one, by
    orders of your own that rest far below the market and are canceled at once. That asks first; elsewhere than on a
    terminal it needs --yes.
    """
    from cryptex.cli.bench_run import bench_node, bench_private  # asyncio and websockets come with it

    if run.given.node:
        bench_node(run, market, seconds, connections, in_flight, yes=yes)
    else:
        bench_private(run, seconds, connections, in_flight)
