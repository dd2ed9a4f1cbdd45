"""What else the scripted server really has: balances and trades, and what they were at every sequence."""

from decimal import Decimal
from random import Random

from cryptex.protocol.channels import TradesMessage, WalletMessage
from cryptex.protocol.terms import Side
from cryptex.protocol.views import BalanceView, TradeView
from tests.tui.fake_exchange import TIME
from tests.tui.honesty.truth import MARKET, Moment

ASSETS = ("BTC", "ETH", "USDT")
PAST_TRADES = 5
CENTS = Decimal("0.01")

Funds = dict[str, tuple[Decimal, Decimal]]
"""Balance and held, by asset."""


class WalletTruth:
    """Balances that move by chance."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._funds: Funds = {asset: (Decimal("1000.00"), Decimal("0.00")) for asset in ASSETS}
        self.epoch, self.sequence = 1, 1
        self.was: dict[Moment, Funds] = {}
        self._remember()

    @property
    def now(self) -> Funds:
        """The balances as they are."""
        return self.was[self.epoch, self.sequence]

    def snapshot(self) -> WalletMessage:
        """Return the message that begins a subscription."""
        return self._message("snapshot", None, list(ASSETS))

    def step(self) -> WalletMessage:
        """Move something, and return the message that says so."""
        prev = self.sequence
        changed = self._random.sample(ASSETS, self._random.randint(1, 2))
        self._move(changed)
        self.sequence += 1
        self._remember()
        return self._message("update", prev, changed)

    def restart(self) -> None:
        """Begin a new epoch, with other balances."""
        self.epoch += 1
        self._move(list(ASSETS))
        self.sequence += 1
        self._remember()

    def _move(self, assets: list[str]) -> None:
        for asset in assets:
            held = self._random.randint(0, 50_000) * CENTS
            self._funds[asset] = (held + self._random.randint(0, 50_000) * CENTS, held)

    def _message(self, kind: str, prev: int | None, assets: list[str]) -> WalletMessage:
        views = [_view(asset, *self._funds[asset]) for asset in assets]
        given = {"epoch": self.epoch, "sequence": self.sequence, "prev": prev, "time": TIME, "balances": views}
        return WalletMessage(type=kind, **given)  # type: ignore[arg-type]  # as the message wants them

    def _remember(self) -> None:
        self.was[self.epoch, self.sequence] = dict(self._funds)


class TradesTruth:
    """Trades, one or more at a time. All of them are in a snapshot."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._made: list[TradeView] = []
        self.epoch, self.sequence = 1, 1
        self.was: dict[Moment, list[int]] = {}
        self._trade(PAST_TRADES)
        self._remember()

    @property
    def now(self) -> list[int]:
        """Ids of the trades, newest first."""
        return self.was[self.epoch, self.sequence]

    def snapshot(self) -> TradesMessage:
        """Return the message that begins a subscription."""
        return self._message("snapshot", None, self._made)

    def step(self) -> TradesMessage:
        """Trade, and return the message that says so."""
        prev = self.sequence
        made = self._trade(self._random.randint(1, 2))
        self.sequence += len(made)
        self._remember()
        return self._message("update", prev, made)

    def restart(self) -> None:
        """Begin a new epoch, before which there was a trade that nobody was told of."""
        self.epoch += 1
        self._trade(1)
        self.sequence += 1
        self._remember()

    def _trade(self, count: int) -> list[TradeView]:
        first = len(self._made) + 1
        made = [TradeView(i, f"{60_000 + i}.00", "0.10000", Side.BUY, TIME) for i in range(first, first + count)]
        self._made += made
        return made

    def _message(self, kind: str, prev: int | None, views: list[TradeView]) -> TradesMessage:
        given = {"epoch": self.epoch, "sequence": self.sequence, "prev": prev, "time": TIME, "trades": list(views)}
        return TradesMessage(market=MARKET, type=kind, **given)  # type: ignore[arg-type]  # as the message wants them

    def _remember(self) -> None:
        self.was[self.epoch, self.sequence] = [view.id for view in reversed(self._made)]


def _view(asset: str, balance: Decimal, held: Decimal) -> BalanceView:
    return BalanceView(asset, f"{balance}", f"{held}", f"{balance - held}")
