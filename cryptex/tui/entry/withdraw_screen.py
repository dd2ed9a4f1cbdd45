"""Sends funds out by the network: to an address, after they were asked for twice."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from textual.app import ComposeResult
from textual.widgets import Input

from cryptex.client.exchange import Exchange
from cryptex.protocol.terms import ADDRESS_LENGTH_MAX, WithdrawalStatus
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.card import Card, Field, Hint, Hints
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.drawing.words import Words
from cryptex.tui.entry.transfer_screen import AMOUNT_LENGTH_MAX, ASSET_LENGTH_MAX, TransferScreen

ALL: Final = "all"
"""Written as an amount: whatever is available."""
_FIRST_WORDS: Final = "Held at once; it leaves when the network confirms it, and cannot be called back then."


class WithdrawScreen(TransferScreen):
    """Gives what was asked for, in words, or None. `available` tells what there is of an asset, None where unknown.

    The first Enter says what would leave, and where to; the second one, of the same form, sends it.
    """

    def __init__(
        self,
        exchange: Exchange,
        assets: Sequence[str],
        asset: str,
        available: Callable[[str], Decimal | None],
    ) -> None:
        super().__init__(exchange, assets, asset)
        self._available = available
        self._asked: tuple[str, ...] | None = None
        """The form that the next Enter sends."""

    def compose(self) -> ComposeResult:
        """Asset, amount, address, and what became of it."""
        with Card() as card:
            card.border_title = "Withdraw"
            yield Field("Asset", "asset", self.asset, length_max=ASSET_LENGTH_MAX)
            yield Field("Amount", "amount", length_max=AMOUNT_LENGTH_MAX, hint=f"or {ALL}: what is available")
            yield Field("Address", "address", length_max=ADDRESS_LENGTH_MAX)
            yield Words(_FIRST_WORDS, id="told", least_lines=4)
            yield Hints(
                Hint("⏎", "withdraw", "submit"), Hint("↑↓", "another asset", "turn(1)"), Hint("esc", "back", "back")
            )

    def fields(self) -> list[Input]:
        """Return asset, amount and address."""
        return [*super().fields(), self._address_field]

    def action_submit(self) -> None:
        """Ask, and send what was asked before, unless something is missing."""
        if self.busy:
            return
        form = self._form()
        if form is None:
            return
        if form != self._asked:
            self._asked = form
            self.set_focus(self._address_field)
            self.tell(self._question(form), Ink.ACCENT)
        else:
            self._asked = None
            self.begin(form, f"withdrawing {texts.plain(form[1])} {form[0]}")

    async def send(self, form: tuple[str, ...], reference: str) -> str:
        """Ask the exchange for it."""
        asset, amount, address = form
        withdrawal = await self.exchange.withdraw(asset, amount, address, reference)
        waits = withdrawal.status is WithdrawalStatus.REQUESTED
        state = "waits for an admin's approval" if waits else texts.words(withdrawal.status)
        return f"withdrawal {withdrawal.id} of {amount} {asset} to {texts.plain(address)}: {state}"

    def lost(self) -> str:
        """Return what Enter does now."""
        return "The answer was lost. Send it again as it is: it never leaves twice."

    def _form(self) -> tuple[str, ...] | None:
        """Return the form with the amount in figures; None, and say why, where something is missing."""
        funds = self.funds()
        if funds is None:
            return None
        asset, amount = funds
        if amount.casefold() == ALL:
            available = self._available(asset)
            if not available:
                missing = f"No {asset} is available." if available is not None else "The wallet is not live now."
                self.refuse(self.amount_field, missing)
                return None
            amount = format(available.normalize(), "f")
            self.amount_field.value = amount
        address = self._address_field.value.strip()
        if not address:
            self.refuse(self._address_field, "The address is missing.")
            return None
        return asset, amount, address

    def _question(self, form: tuple[str, ...]) -> str:
        asset, amount, address = form
        available = self._available(asset)
        beside = "" if available is None else f" {format(available.normalize(), 'f')} {asset} are available."
        return f"Send {texts.plain(amount)} {asset} to {texts.plain(address)}?{beside} ⏎ again sends it."

    @property
    def _address_field(self) -> Input:
        return self.field("address")
