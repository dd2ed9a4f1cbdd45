"""Brings simulated funds in, where the node's faucet is on."""

from typing import Final

from textual.app import ComposeResult

from cryptex.tui.drawing import texts
from cryptex.tui.drawing.card import Card, Field, Hint, Hints
from cryptex.tui.drawing.words import Words
from cryptex.tui.entry.transfer_screen import AMOUNT_LENGTH_MAX, ASSET_LENGTH_MAX, TransferScreen

_FIRST_WORDS: Final = "Simulated funds, from this node's faucet. No real money is involved."


class DepositScreen(TransferScreen):
    """Gives what was deposited, in words, or None."""

    def compose(self) -> ComposeResult:
        """Asset, amount, and what became of it."""
        with Card() as card:
            card.border_title = "Deposit"
            yield Field("Asset", "asset", self.asset, length_max=ASSET_LENGTH_MAX)
            yield Field("Amount", "amount", length_max=AMOUNT_LENGTH_MAX)
            yield Words(_FIRST_WORDS, id="told", least_lines=2)
            yield Hints(
                Hint("⏎", "deposit", "submit"), Hint("↑↓", "another asset", "turn(1)"), Hint("esc", "back", "back")
            )

    def action_submit(self) -> None:
        """Send it, unless something is missing."""
        if self.busy:
            return
        funds = self.funds()
        if funds is not None:
            asset, amount = funds
            self.begin(funds, f"depositing {texts.plain(amount)} {asset}")

    async def send(self, form: tuple[str, ...], reference: str) -> str:
        """Deposit it."""
        asset, amount = form
        await self.exchange.deposit(asset, amount, reference)
        return f"deposited {amount} {asset}"

    def lost(self) -> str:
        """Return what Enter does now."""
        return "The answer was lost. ⏎ asks again, and never deposits it twice."
