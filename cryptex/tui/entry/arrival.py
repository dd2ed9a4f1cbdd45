"""Arriving at a node: is it one, are its markets simulated, and does a kept login still hold."""

import asyncio
from typing import Final, NamedTuple

from cryptex.client.errors import (
    AccessError,
    CryptexError,
    NodeUnreachableError,
    UnknownNodeError,
    UntrustedNodeError,
)
from cryptex.client.exchange import Exchange
from cryptex.client.models import Health
from cryptex.tui.drawing import texts
from cryptex.tui.orders.outcome import reason, said

UNTRUSTED_LENGTH_MAX: Final = 1000
"""Both fingerprints and what to do are told whole."""
_ASKED_AGAIN: Final = (
    "Compare that with the `ready` line on the node's own side. If they are the same: r tries again, and asks whether "
    "you trust it."
)


class Arrival(NamedTuple):
    """How one arrived. Without a username one has to log in; `told` says why a kept login does not hold any more."""

    simulated: str
    username: str | None = None
    told: str = ""


async def arrive(exchange: Exchange, token: str | None) -> Arrival:
    """Ask the node who it is and, with a token, connect as its user. Raises CryptexError when the node is no use."""
    if token is None:
        return Arrival(_simulated(await exchange.health()))
    health, entered = await asyncio.gather(exchange.health(), _enter(exchange, token), return_exceptions=True)
    for result in (health, entered):
        if isinstance(result, BaseException) and not isinstance(result, AccessError):
            await exchange.close()
            raise result
    if isinstance(health, BaseException):
        raise health
    if isinstance(entered, BaseException):
        return Arrival(
            _simulated(health), told=texts.plain(reason(entered)) if isinstance(entered, CryptexError) else ""
        )
    return Arrival(_simulated(health), entered)


def no_use(url: str, error: CryptexError, *, may_ask: bool = False) -> str:
    """Return in words why the node at an address is no use. With `may_ask` the user is asked about one that is new."""
    if isinstance(error, NodeUnreachableError):
        words = texts.plain(said(error))
        return words[:1].upper() + words[1:]
    if isinstance(error, UnknownNodeError) and may_ask:
        return texts.plain(f"{said(error)}. {_ASKED_AGAIN}", UNTRUSTED_LENGTH_MAX)
    if isinstance(error, UntrustedNodeError):
        return texts.plain(reason(error), UNTRUSTED_LENGTH_MAX)
    return texts.plain(f"{url} answers, but not as a node that this terminal can use: {said(error)}")


async def _enter(exchange: Exchange, token: str) -> str:
    await exchange.use_token(token)
    await exchange.connect()
    return (await exchange.me()).username


def _simulated(health: Health) -> str:
    about = health.simulation
    return "" if about is None else f"{about.scenario}, seed {about.seed}"
