"""Bots of one's own on a node: a class in a file, run until it is ended."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.completion import complete_market
from cryptex.cli.faults import Fault, refused
from cryptex.cli.log_lines import log_harmlessly
from cryptex.cli.own_bots import bots_judged
from cryptex.protocol.problems import Refusal

if TYPE_CHECKING:
    from cryptex.sim.bot import Bot
    from cryptex.sim.context import Context

_EXAMPLE: Final = "cryptex bot run examples/read_only.py:ReadOnly --market BTC-USDT"
_KEY_BYTES: Final = 4


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    bot_app = typer.Typer(help="Run a bot of your own on the node.")
    group(bot_app)(bot)
    command(bot_app, "run", example=_EXAMPLE)(run_bot)
    app.add_typer(bot_app, name="bot", epilog=f"Example: {_EXAMPLE}")


def bot(run: Run) -> None:
    """Run a bot of your own on the node."""
    run.help()


def run_bot(
    run: Run,
    what: Annotated[str, typer.Argument(metavar="FILE:CLASS", help="A subclass of Bot in a file.", show_default=False)],
    market: Annotated[
        str, typer.Option("--market", metavar="MARKET", help="Where it trades.", autocompletion=complete_market)
    ] = "BTC-USDT",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="What its chance begins with.")] = 7,
    typical_size: Annotated[
        str | None, typer.Option("--typical-size", metavar="SIZE", help="What its sizes are shares of.")
    ] = None,
) -> None:
    """Run a bot as the user who is logged in, until Ctrl-C.

    Its orders end with it. The same class runs in `cryptex sim`. It runs as a program of yours: it can do what you can.
    """
    import asyncio

    context: list[Context] = []
    with bots_judged():
        made = load_bot(what)
    try:
        run.check_trust()
        log_harmlessly()
        with refused(), bots_judged():
            asyncio.run(_trade(run, made, market, seed, typical_size, context))
    finally:
        if context:
            run.out.note(f"{type(made).__name__} has ended with a position of {_position(context[0])}.")


def load_bot(what: str) -> "Bot":
    """Return a new bot of a class in a file. Raises Fault."""
    from cryptex.sim.own_bot import load_class

    try:
        kind = load_class(what)
    except Refusal as refusal:
        raise Fault(refusal.message, suggestion=f"Such as: {_EXAMPLE}") from refusal
    return kind()


async def _trade(
    run: Run, made: "Bot", market: str, seed: int, typical_size: str | None, contexts: "list[Context]"
) -> None:
    from cryptex.client.exchange import Exchange
    from cryptex.sim.live_bot import join

    async with Exchange(run.url, run.token(), trust=run.trust) as exchange:
        port, context = await join(
            exchange,
            market,
            made,
            seed=seed,
            key=f"bot-{token_hex(_KEY_BYTES)}-",
            wall=lambda: datetime.now(UTC),
            typical_size=typical_size,
        )
        contexts.append(context)
        run.out.note(f"{type(made).__name__} trades in {port.market.symbol} at {run.url}; Ctrl-C ends it.")
        await port.run(context, made)


def _position(context: "Context") -> str:
    market = context.market
    lots = context.position
    sign = "-" if lots < 0 else ""
    return f"{sign}{market.size_text(abs(lots))} {market.base.symbol}"
