"""The parts of the exchange and how they hang together."""

from cryptex.engine.accounts import Accounts
from cryptex.engine.admission import Admission
from cryptex.engine.amend import Amending
from cryptex.engine.book import Level
from cryptex.engine.configuration import Configuration
from cryptex.engine.ledger import Ledger
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.orders import Orders
from cryptex.engine.step import Step
from cryptex.engine.trading import Trading
from cryptex.engine.transfers import Transfers
from cryptex.engine.withdrawal_rules import WithdrawalRules
from cryptex.engine.withdrawals import Withdrawals
from cryptex.protocol.events import Event, Ticked
from cryptex.protocol.terms import EngineLimit


class State:
    """Everything the exchange knows. `snapshot.py` writes it down and brings it back."""

    def __init__(self) -> None:
        self.step = Step()
        self.epoch = 0
        self.answer: Event = Ticked()
        self.void_sequences: list[int] = []
        self.changed: list[Level] = []
        self.limits: dict[EngineLimit, int] = {}
        self.live_markets: dict[str, LiveMarket] = {}
        self.accounts_by = Accounts()
        self.ledger = Ledger(self.accounts_by, self.step)
        self.configuration = Configuration(self.live_markets, self.limits, self.accounts_by, self.changed)
        due_withdrawals: dict[int, int] = {}
        self.orders = Orders(self.accounts_by, self.ledger, self.live_markets, due_withdrawals, self.step)
        admission = Admission(self.limits, self.configuration.assets, self.step)
        self.trading = Trading(self.orders, admission)
        self.amending = Amending(self.trading, admission)
        assets = self.configuration.assets
        self.transfers = Transfers(self.accounts_by, self.ledger, assets, self.step)
        self.withdrawal_rules = WithdrawalRules(assets)
        self.withdrawals = Withdrawals(
            self.accounts_by,
            self.ledger,
            self.withdrawal_rules,
            self.orders.deadlines,
            due_withdrawals,
            self.step,
        )
