"""Money in a data folder: as `node verify` sees it, and by a ledger of its own that knows commands and fills alone."""

from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path

from cryptex.engine.exchange import Exchange
from cryptex.node.applied import Applied
from cryptex.node.replay import replay_batch
from cryptex.node.verify import verify
from cryptex.protocol.commands import Command, Deposit, OpenAccount, Withdraw
from cryptex.protocol.events import AccountOpened, Deposited, Event, Fill, WithdrawalChanged, Withdrawn
from cryptex.protocol.market import SCALE
from cryptex.protocol.terms import FEE_ACCOUNT, OUTSIDE_ACCOUNT, Liquidity, Side, WithdrawalStatus
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.journal import JournalReader

Watch = Callable[[Command, Applied], None]
"""Hears of each command of a journal and what it did."""


def audit(data_dir: Path, watch: Watch | None = None) -> Exchange:
    """Check a folder whose node is not running, and return the exchange in it. Raises AssertionError."""
    broken = [finding for finding in verify(data_dir) if not finding.ok]
    assert not broken, broken
    return check_money(data_dir, watch)


def check_money(data_dir: Path, watch: Watch | None = None) -> Exchange:
    """Check from the journal alone that each asset's funds are what came in less what went out, whoever has them."""
    exchange, ledger = Exchange(), SimpleLedger()
    reader = JournalReader.open(data_dir)
    try:
        voids = reader.voids()
        for batch in reader.replay(0):
            commands = deque(batch.commands)
            for applied in replay_batch(exchange, batch, voids):
                command = commands.popleft().command
                if applied.sequence not in voids:
                    ledger.fold(command, exchange.answer, applied.events, exchange)
                if watch is not None:
                    watch(command, applied)
            exchange.take_closed()
    finally:
        reader.close()
    ledger.compare(exchange)
    return exchange


class SimpleLedger:
    """What each account has in all, held or not: from deposits, withdrawals and fills, and no posting."""

    def __init__(self) -> None:
        self.worth: Counter[tuple[int, str]] = Counter()
        self.inflow: Counter[str] = Counter()
        self._sent: set[int] = set()

    def fold(self, command: Command, answer: Event, events: list[Event], exchange: Exchange) -> None:
        """Take in a command and its fills."""
        if isinstance(command, OpenAccount) and isinstance(answer, AccountOpened) and not answer.repeated:
            for grant in command.grants:
                self._move(answer.account_id, grant.asset, grant.units)
        if isinstance(command, Deposit | Withdraw) and isinstance(answer, Deposited | Withdrawn):
            assert (answer.account_id, answer.asset, answer.units) == (
                command.account_id,
                command.asset,
                command.units,
            )
        for event in events:
            if isinstance(event, Deposited | Withdrawn) and not event.repeated:
                self._move(event.account_id, event.asset, event.units * (1 if isinstance(event, Deposited) else -1))
            elif isinstance(event, WithdrawalChanged) and event.withdrawal.status is WithdrawalStatus.CONFIRMED:
                self._send(event.withdrawal)
        fills = [event for event in events if isinstance(event, Fill)]
        assert len(fills) == 2 * len({fill.trade_id for fill in fills}), "a trade has two sides"
        for fill in fills:
            self._fill(fill, exchange)

    def _move(self, account_id: int, asset: str, units: int) -> None:
        self.worth[account_id, asset] += units
        self.inflow[asset] += units

    def _send(self, withdrawal: Withdrawal) -> None:
        """Take in funds that left, each withdrawal's once."""
        assert withdrawal.withdrawal_id not in self._sent, f"withdrawal {withdrawal.withdrawal_id} left twice"
        self._sent.add(withdrawal.withdrawal_id)
        self._move(withdrawal.account_id, withdrawal.asset, -withdrawal.units)

    def _fill(self, fill: Fill, exchange: Exchange) -> None:
        market = exchange.definition(fill.market)
        base_units = fill.size_lots * market.lot_units
        quote_units = fill.size_lots * fill.price_ticks * market.notional_units
        rate_e8 = market.maker_fee_e8 if fill.liquidity is Liquidity.MAKER else market.taker_fee_e8
        bought = fill.side is Side.BUY
        got, gave = (market.base.symbol, market.quote.symbol) if bought else (market.quote.symbol, market.base.symbol)
        received, paid = (base_units, quote_units) if bought else (quote_units, base_units)
        fee_units = -(-received * rate_e8 // SCALE)
        assert fill.fee_units == fee_units, f"fill {fill.fill_id} paid {fill.fee_units}, the rate gives {fee_units}"
        self.worth[fill.account_id, got] += received - fee_units
        self.worth[fill.account_id, gave] -= paid
        self.worth[FEE_ACCOUNT, got] += fee_units

    def compare(self, exchange: Exchange) -> None:
        """Hold it against the exchange. Raises AssertionError that names the account or the asset."""
        total: Counter[str] = Counter()
        for account_id, account in exchange.accounts_by.by_id.items():
            for asset, balance in account.balances.items():
                units = balance.available + balance.held
                if account_id != OUTSIDE_ACCOUNT:
                    assert min(balance.available, balance.held) >= 0, f"account {account_id} is below zero in {asset}"
                    assert units == self.worth[account_id, asset], f"account {account_id} has {units} units of {asset}"
                    total[asset] += units
                else:
                    assert units == -self.inflow[asset], f"{units} units of {asset} are outside"
        assert total == self.inflow, f"there are {total} units, but {self.inflow} came in"
