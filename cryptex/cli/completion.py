"""What the shell's completion offers beyond commands and options: profiles, markets and assets.

Markets come from a list that is kept in the platform's cache folder. Only where there is none, or it is old, the node
is asked, and never waited for longer than `NETWORK_SECONDS_MAX`. Nothing here ever fails: no list is no completion.
"""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread
from time import time
from typing import Final

import msgspec
import typer

from cryptex.cli.profiles import node_url, profile_name, profile_names
from cryptex.client.caller import NODE_URL_DEFAULT

NETWORK_SECONDS_MAX: Final = 0.25
KEPT_SECONDS: Final = 3600
"""How old a list may be before the node is asked again."""

CACHE_BYTES_MAX: Final = 1024 * 1024


def complete_market(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the markets that begin like this."""
    return _beginning(_markets(ctx), incomplete)


def complete_asset(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the traded assets that begin like this."""
    return _beginning(dict.fromkeys(asset for market in _markets(ctx) for asset in market.split("-")), incomplete)


def complete_profile(incomplete: str) -> list[str]:
    """Return the profiles that begin like this."""
    try:
        return [name for name in profile_names() if name.startswith(incomplete)]
    except Exception:  # a profile file that cannot be read is for a command to complain about
        return []


def remember_markets(url: str, markets: list[str]) -> None:
    """Keep a node's markets for completion."""
    path = _cache_path(url)
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(markets))
        part.replace(path)


def _beginning(names: Iterable[str], typed: str) -> list[str]:
    """Return the names that begin as typed, in its case: shells compare letter by letter, nodes do not mind."""
    return [shown for name in names if (shown := name.lower() if typed.islower() else name).startswith(typed)]


def _markets(ctx: typer.Context) -> list[str]:
    try:
        url = node_url(ctx.params.get("node"), profile_name(ctx.params.get("profile")), NODE_URL_DEFAULT)
    except Exception:  # a profile file that cannot be read is for a command to complain about
        return []
    kept, age_s = _kept(url)
    if age_s > KEPT_SECONDS:
        asked: list[list[str]] = []
        # A thread, because nothing else bounds the time of a name look-up, a connect and an answer together.
        asking = Thread(target=lambda: asked.append(_ask(url)), daemon=True)
        asking.start()
        asking.join(NETWORK_SECONDS_MAX)
        if asked and asked[0]:
            kept = asked[0]
            remember_markets(url, kept)
    return kept


def _ask(url: str) -> list[str]:
    from cryptex.cli.door import Door
    from cryptex.client.errors import CryptexError
    from cryptex.protocol.views import MarketList

    with suppress(CryptexError):
        return [each.market for each in Door(url, None, NETWORK_SECONDS_MAX).read("/markets", MarketList).view.markets]
    return []


def _kept(url: str) -> tuple[list[str], float]:
    """Return the list that is kept, and its age in seconds."""
    path = _cache_path(url)
    with suppress(OSError, msgspec.DecodeError), path.open("rb") as file:
        markets = msgspec.json.decode(file.read(CACHE_BYTES_MAX), type=list[str])
        return markets, abs(time() - path.stat().st_mtime)
    return [], float("inf")


def _cache_path(url: str) -> Path:
    from platformdirs import user_cache_path

    name = sha256(url.encode()).hexdigest()[:32]
    return user_cache_path("cryptex", appauthor=False) / f"markets-{name}.json"
