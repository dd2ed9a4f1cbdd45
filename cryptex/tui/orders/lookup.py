"""Finds out what became of a request whose reply never came: by asking for the order, again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from cryptex.client.errors import CryptexError, OutcomeUnknownError, UnavailableError
from cryptex.client.models import Order
from cryptex.protocol.problems import Code

LOOKUP_PAUSE_S: Final = 1.0
LOOKUPS_MAX: Final = 3
"""How often the exchange must say otherwise before that is believed: the request may be under way."""

Ask = Callable[[], Awaitable[Order]]


async def look_up(ask: Ask, pause_s: float, wanted: Callable[[Order], bool] = lambda _: True) -> Order | None:
    """Ask until the order is as wanted, or the exchange has often enough said otherwise.

    Returns the order as it was last seen, None where the exchange has no such order. Raises CryptexError where asking
    again would not help.
    """
    misses, found = 0, None
    while misses < LOOKUPS_MAX:
        try:
            found = await ask()
        except (UnavailableError, OutcomeUnknownError):
            pass  # not connected now: ask again when it is
        except CryptexError as error:
            if error.code is not Code.UNKNOWN_ORDER:
                raise
            misses += 1
        else:
            if wanted(found):
                return found
            misses += 1
        await asyncio.sleep(pause_s)
    return found
