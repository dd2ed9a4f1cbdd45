"""The demo's account: opened and funded, and what became of it in the end."""

import secrets
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from cryptex.cli.door import Door
from cryptex.client.caller import market_path
from cryptex.client.errors import RefusedError, UnavailableError
from cryptex.client.forms import deposit_fields
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import Interval
from cryptex.protocol.views import (
    BalanceList,
    CandleList,
    EntryView,
    FillList,
    HealthView,
    SessionView,
    TickerList,
    UserView,
)

DEMO_USER: Final = "demo"
DEMO_MARKET: Final = "BTC-USDT"
DEMO_QUOTE: Final = "USDT"
DEMO_DEPOSIT: Final = ("BTC", "1")
PASSWORD_NAME: Final = "demo.password"  # noqa: S105 (the name of a file)
TOKEN_NAME: Final = "demo.token"  # noqa: S105 (the name of a file)
PASSWORD_BYTES: Final = 24
FILLS_MAX: Final = 100_000
"""Fills that the end of a demo counts."""

HISTORY_TRIES: Final = 5
"""How often fills are asked for while history catches up; the node waits a second each time."""


class Before(NamedTuple):
    """How things stood when the demo began. `value` is the account's worth in USDT."""

    sequence: int
    trades: int
    value: Decimal


def open_account(door: Door, folder: Path) -> str:
    """Return a token of the demo's user, who is registered and funded the first time in a folder.

    Password and token are kept in the folder, for its owner's eyes only.
    """
    path = folder / PASSWORD_NAME
    password = path.read_text("ascii").strip() if path.is_file() else secrets.token_urlsafe(PASSWORD_BYTES)
    _keep(path, password)
    credentials = {"username": DEMO_USER, "password": password}
    try:
        door.send("POST", "/users", UserView, {**credentials})
        is_new = True
    except RefusedError as error:
        if error.code is not Code.DUPLICATE_USER:
            raise
        is_new = False
    token = door.send("POST", "/sessions", SessionView, {**credentials}, changes=False).view.token
    _keep(folder / TOKEN_NAME, token)
    if is_new:
        door.token = token
        door.send("POST", "/wallet/deposits", EntryView, deposit_fields(*DEMO_DEPOSIT, "demo"))
    return token


def look(door: Door) -> Before:
    """Return how things stand."""
    return Before(door.read("/health/ready", HealthView).view.sequence, _trades(door), _worth(door)[0])


def what_was_there(door: Door, before: Before) -> str:
    """Return what became of it in two sentences. Raises CryptexError where the node does not answer."""
    seen = _counted(_trades(door) - before.trades, "trade")
    fills = _fills_after(door, before.sequence)
    made = "" if fills is None else f" and made {_counted(fills, 'fill')}"
    value, wallet = _worth(door)
    gained = value - before.value
    return (
        f"You saw {seen}{made}. You had {wallet}: worth {value:,.2f} {DEMO_QUOTE}, {abs(gained):,.2f} "
        f"{'more' if gained >= 0 else 'less'} than at the beginning."
    )


def _keep(path: Path, secret: str) -> None:
    path.touch(mode=0o600)
    path.write_text(secret + "\n", "ascii")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _trades(door: Door) -> int:
    """Return how many trades there have been in all markets."""
    markets = [ticker.market for ticker in door.read("/market_data", TickerList).view.tickers]
    weeks = [
        door.read(market_path(market, "candles"), CandleList, {"interval": Interval.W1}).view for market in markets
    ]
    return sum(candle.trades for week in weeks for candle in week.candles)


def _fills_after(door: Door, sequence: int) -> int | None:
    """Return how many fills there have been; None where history does not catch up in time."""
    for _ in range(HISTORY_TRIES):
        try:
            fills = door.read_list("/fills", FillList, "fills", {"limit": FILLS_MAX}).view.fills
        except UnavailableError:
            continue
        return sum(fill.sequence > sequence for fill in fills)
    return None


def _worth(door: Door) -> tuple[Decimal, str]:
    """Return what the account is worth at the last prices in USDT, and its balances in words."""
    tickers = door.read("/market_data", TickerList).view.tickers
    prices = {ticker.market: Decimal(ticker.last) for ticker in tickers if ticker.last is not None}
    prices[f"{DEMO_QUOTE}-{DEMO_QUOTE}"] = Decimal(1)
    held = [each for each in door.read("/wallet", BalanceList).view.balances if each.balance.strip("0.")]
    value = Decimal(0)
    for each in held:
        value += Decimal(each.balance) * prices.get(f"{each.asset}-{DEMO_QUOTE}", Decimal(0))
    return value, " and ".join(f"{Decimal(each.balance).normalize():,f} {each.asset}" for each in held)
