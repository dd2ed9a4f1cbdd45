"""Scenarios as pictures: a small language in which a rule of trading can be read at a glance, and its parser.

A file under `scenarios/` holds pictures; `=== title` begins each. `#` begins a comment where no digit follows. The
market BTC-USDT has tick, lot and atomic units of 1, so that prices, sizes and amounts are plain numbers; ETH-USDT is
like it. ann, bob, cat and dan are accounts 1 to 4 with 1,000 BTC, 1,000 ETH and 100,000 USDT unless `funds` says
otherwise. Times advance by a millisecond a step, and by `wait`.

    market band 0.1 ref 100 maker 0.1 taker 0.2 min 10        the definition of BTC-USDT (all parts optional)
    market move 0.1 window 60s halt 30s auction 10s           its circuit breaker
    funds ann 10 BTC 500 USDT                                 all that ann has at the start
    ann sell 5 @100 ioc -> #1 open                            `buy|sell SIZE|$QUOTE [@PRICE] [stop PRICE] [word...]`
    bob buy 2 @101 -> #2 filled: 2@100                        after `:` all trades of the step, size@price
    ann amend #1 @99 size 6 -> ok                             or `-> refused CODE`; `cancel #1` likewise
    ann cancel-all -> #1 #4
    book                                                      then one line a level, priority from left to right
      sell 100 | 3#1 2#4
    #1 is canceled user, filled 2, canceled 3
    ann has 5+3 BTC, 700 USDT                                 available+held
    halt 30s -> halted                                        without a time: until `resume -> auction`
    state auction 5@100                                       and what the auction would come to
    ann requests 5 BTC to bob key r1 -> w1 approved           a withdrawal, to bob's deposit address
    admin approves w2 -> w2 approved
    w1 is failed network_refused

The rest of the steps are in `_STEPS`, and read as they are written.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptex.engine.network import Network
from cryptex.protocol import commands as c
from cryptex.protocol.terms import EngineLimit, OrderType, SelfTradePrevention, Side, TimeInForce

MARKET: Final = "BTC-USDT"
ACCOUNTS: Final = {"ann": 1, "bob": 2, "cat": 3, "dan": 4}
ADMIN: Final = 9
FUNDS: Final = {"BTC": 1_000, "ETH": 1_000, "USDT": 100_000}
SECOND_NS: Final = 10**9
STEP_NS: Final = 10**6
START_NS: Final = 1_000 * SECOND_NS
_COMMENT: Final = re.compile(r"(^|\s)#(?!\d).*")


@dataclass
class Line:
    """A line of a picture: where it stands, and what it says before and after the arrow."""

    number: int
    text: str
    expected: str

    @property
    def words(self) -> list[str]:
        return self.text.replace(",", " ").split()


@dataclass
class Picture:
    """A scenario."""

    file: str
    title: str
    lines: list[Line] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"


def pictures(folder: Path) -> list[Picture]:
    """All pictures of a folder, by file name."""
    found: list[Picture] = []
    for path in sorted(folder.glob("*.txt")):
        for number, raw in enumerate(path.read_text().splitlines(), 1):
            if raw.startswith("=== "):
                found.append(Picture(path.stem, raw[4:].strip()))
                continue
            text = _COMMENT.sub("", raw).rstrip()
            if text:
                said, _, expected = text.partition("->")
                found[-1].lines.append(Line(number, said.rstrip(), expected.strip()))
    return found


def seconds_ns(text: str) -> int:
    """Nanoseconds of `60s` or `24h`."""
    unit = {"s": SECOND_NS, "h": 3600 * SECOND_NS}[text[-1]]
    return int(text[:-1]) * unit


def market_definition(words: list[str], symbol: str = MARKET) -> c.DefineMarket:
    """`band 0.1 ref 100 maker 0.1 taker 0.2 min 10 tick 1 lot 1 move 0.1 window 60s halt 30s auction 10s`."""
    said = dict(zip(words[::2], words[1::2], strict=True))
    base, quote = symbol.split("-")
    return c.DefineMarket(
        base,
        quote,
        said.get("tick", "1"),
        said.get("lot", "1"),
        said.get("min", "0"),
        said.get("maker", "0"),
        said.get("taker", "0"),
        said.get("band"),
        said.get("ref"),
        said.get("move"),
        said.get("window"),
        said.get("halt"),
        said.get("auction"),
    )


def setting(picture: Picture) -> list[c.Command]:
    """The commands before a picture's first step: assets, markets and funded accounts."""
    funds = {name: dict(FUNDS) for name in ACCOUNTS}
    definition = market_definition([])
    for line in picture.lines:
        words = line.words
        if words[0] == "market":
            definition = market_definition(words[1:])
        elif words[0] == "funds":
            funds[words[1]] = {asset: int(units) for units, asset in zip(words[2::2], words[3::2], strict=True)}
    assets: list[c.Command] = [c.DefineAsset(symbol, symbol.title(), 0) for symbol in FUNDS]
    markets: list[c.Command] = [definition, market_definition([], "ETH-USDT")]
    grants = {name: tuple(c.Grant(asset, units) for asset, units in has.items()) for name, has in funds.items()}
    return assets + markets + [c.OpenAccount(f"key-{name}", grants[name]) for name in ACCOUNTS]


def place(who: str, words: list[str], now_ns: int) -> c.PlaceOrder:
    """`sell 5 @100 ioc`: an order in the words of a picture."""
    side, amount, *rest = words
    said: dict[str, object] = {"market": MARKET}
    said["quote_units" if amount.startswith("$") else "size_lots"] = int(amount.removeprefix("$"))
    while rest:
        word = rest.pop(0)
        if word.startswith("@"):
            said["price_ticks"] = int(word[1:])
        elif word == "stop":
            said["stop_ticks"] = int(rest.pop(0))
        elif word in ("ioc", "fok"):
            said["time_in_force"] = TimeInForce(word)
        elif word == "gtd":
            said |= {"time_in_force": TimeInForce.GTD, "expires_ns": now_ns + seconds_ns(rest.pop(0))}
        elif word == "post-only":
            said["post_only"] = True
        elif word == "key":
            said["client_order_id"] = rest.pop(0)
        elif word == "on":
            said["connection_id"] = int(rest.pop(0))
        elif word == "in":
            said["market"] = rest.pop(0)
        else:
            said["self_trade_prevention"] = SelfTradePrevention(word)
    kind = {
        (True, True): OrderType.STOP_LIMIT,
        (True, False): OrderType.STOP,
        (False, True): OrderType.LIMIT,
        (False, False): OrderType.MARKET,
    }["stop_ticks" in said, "price_ticks" in said]
    return c.PlaceOrder(ACCOUNTS[who], side=Side(side), type=kind, **said)  # type: ignore[arg-type]


def amend(account: int, words: list[str]) -> c.AmendOrder:
    """`#1 @99 size 6 stop 90`."""
    order_id, *rest = words
    price = size = stop = 0
    while rest:
        word = rest.pop(0)
        if word.startswith("@"):
            price = int(word[1:])
        elif word == "size":
            size = int(rest.pop(0))
        elif word == "stop":
            stop = int(rest.pop(0))
    return c.AmendOrder(account, int(order_id[1:]), price, size, stop)


def account_command(who: str, verb: str, rest: list[str], now_ns: int) -> c.Command:
    """A step of one account."""
    account = ACCOUNTS[who]
    match verb, rest:
        case (("buy" | "sell"), _):
            return place(who, [verb, *rest], now_ns)
        case "cancel", [order]:
            return c.CancelOrder(account, int(order[1:]))
        case "amend", _:
            return amend(account, rest)
        case "cancel-all", _:
            return c.CancelAll(account, *rest)
        case "cancel-all-by-admin", []:
            return c.CancelAll(account, by_admin=True)
        case "cancel-after", [duration]:
            return c.CancelAfter(account, seconds_ns(duration))
        case (("ties" | "unties"), [connection]):
            return c.CancelOnDisconnect(account, int(connection), verb == "ties")
        case "deposit", [units, asset, *reference]:
            return c.Deposit(account, asset, int(units), *reference)
        case "requests", [units, asset, *rest]:
            said = dict(zip(rest[::2], rest[1::2], strict=True))
            return c.RequestWithdrawal(
                account, asset, int(units), address(said.get("to", ""), asset), said.get("key", "")
            )
        case "takes-back", [withdrawal]:
            return c.CancelWithdrawal(account, int(withdrawal[1:]))
        case "withdraw", [units, asset, *reference]:
            return c.Withdraw(account, asset, int(units), "somewhere", *reference)
        case _:
            raise ValueError(f"what is {verb} {rest}?")


def address(name: str, asset: str) -> str:
    """Where a withdrawal goes: an account's deposit address, a test address of the network, or somewhere outside."""
    if name in ACCOUNTS:
        return Network().deposit_address(ACCOUNTS[name], asset)
    return f"test-{name}" if name in ("refused", "dropped") else name or "somewhere"


def command(line: Line, now_ns: int) -> c.Command:
    """The command of a step."""
    words = line.words
    match words:
        case [who, verb, *rest] if who in ACCOUNTS:
            return account_command(who, verb, rest, now_ns)
        case ["disconnect", connection]:
            return c.Disconnect(int(connection))
        case ["epoch"]:
            return c.BeginEpoch()
        case ["wait", _]:
            return c.Tick()
        case ["halt", *duration]:
            return c.HaltMarket(MARKET, seconds_ns(duration[0]) if duration else 0)
        case ["resume"]:
            return c.ResumeMarket(MARKET)
        case ["admin", verb, withdrawal]:
            decision = c.ApproveWithdrawal if verb == "approves" else c.RejectWithdrawal
            return decision(int(withdrawal[1:]), ADMIN)
        case [("limit" | "redefine" | "asset" | "network" | "leaving"), *_]:
            return configuration(words)
        case ["open", key, *grant]:
            return c.OpenAccount(key, (c.Grant(grant[1], int(grant[0])),) if grant else ())
        case _:
            raise ValueError(f"what is {line.text}?")


def configuration(words: list[str]) -> c.Command:
    """A step of the operator."""
    match words:
        case ["limit", value]:
            return c.SetLimit(EngineLimit.OPEN_ORDERS_PER_MARKET, int(value))
        case ["redefine", *rest]:
            return market_definition(rest)
        case ["asset", symbol, "decimals", decimals]:
            return c.DefineAsset(symbol, symbol.title(), int(decimals))
        case ["network", interval, confirmations]:
            return c.DefineNetwork(seconds_ns(interval), int(confirmations))
        case ["leaving", asset, automatic, daily]:
            return c.LimitWithdrawals(asset, *[None if units == "any" else int(units) for units in (automatic, daily)])
        case _:
            raise ValueError(f"what is {words}?")
