"""Brings simulated funds in, where the node's faucet is on."""

import secrets
from collections.abc import Callable, Sequence
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Input

from cryptex.client.errors import CryptexError, OutcomeUnknownError
from cryptex.client.exchange import Exchange
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.card import Card, Field, Hint, Hints
from cryptex.tui.drawing.form_screen import FormScreen
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.drawing.words import Words
from cryptex.tui.orders.outcome import reason

_ASSET_LENGTH_MAX: Final = 16
_AMOUNT_LENGTH_MAX: Final = 27
_FIRST_WORDS: Final = "Simulated funds, from this node's faucet. No real money is involved."


def _new_reference() -> str:
    return f"tui-{secrets.token_hex(8)}"


class DepositScreen(FormScreen[str | None], ModalScreen[str | None]):
    """Gives what was deposited, in words, or None.

    While the outcome of a deposit is unknown, it is asked for again under its reference: it never comes twice.
    """

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("escape", "back", "back", show=False),
        Binding("up", "turn(-1)", "asset before", show=False),
        Binding("down", "turn(1)", "asset after", show=False),
    ]
    AUTO_FOCUS = "#amount"
    DEFAULT_CSS = """
    DepositScreen { align: center middle; background: $background 60%; }
    DepositScreen #told { margin-bottom: 1; }
    """

    def __init__(
        self,
        exchange: Exchange,
        assets: Sequence[str],
        asset: str,
        new_reference: Callable[[], str] = _new_reference,
    ) -> None:
        super().__init__()
        self._exchange = exchange
        self._assets = list(assets)
        self._asset = asset
        self._new_reference = new_reference
        self._unknown: tuple[str, str, str] | None = None
        """Asset, amount and reference of the deposit whose outcome is not known."""
        self.busy = False

    def compose(self) -> ComposeResult:
        """Asset, amount, and what became of it."""
        with Card() as card:
            card.border_title = "Deposit"
            yield Field("Asset", "asset", self._asset, length_max=_ASSET_LENGTH_MAX)
            yield Field("Amount", "amount", length_max=_AMOUNT_LENGTH_MAX)
            yield Words(_FIRST_WORDS, id="told", least_lines=2)
            yield Hints(
                Hint("⏎", "deposit", "submit"), Hint("↑↓", "another asset", "turn(1)"), Hint("esc", "back", "back")
            )

    def action_back(self) -> None:
        """Close it; what was sent already is told in the wallet."""
        self.dismiss(None)

    def action_turn(self, step: int) -> None:
        """Write the asset after or before."""
        if self._assets and not self.busy:
            asset = self._asset_field.value.strip().upper()
            at = self._assets.index(asset) + step if asset in self._assets else 0
            self._asset_field.value = self._assets[at % len(self._assets)]

    def fields(self) -> list[Input]:
        """Return asset and amount."""
        return [self._asset_field, self._amount_field]

    def action_submit(self) -> None:
        """Send it, unless something is missing."""
        if self.busy:
            return
        asset, amount = self._asset_field.value.strip().upper(), self._amount_field.value.strip().replace(",", "")
        if self._assets and asset not in self._assets:
            self.refuse(
                self._asset_field, f"There is no asset {texts.plain(asset) or 'without a name'} here: {self._list()}."
            )
        elif not amount:
            self.refuse(self._amount_field, "The amount is missing.")
        else:
            self.busy = True
            self.tell(f"… depositing {texts.plain(amount)} {asset}", Ink.MUTED)
            self.run_worker(self._deposit(asset, amount), exclusive=True)

    async def _deposit(self, asset: str, amount: str) -> None:
        before = self._unknown
        reference = before[2] if before is not None and before[:2] == (asset, amount) else self._new_reference()
        try:
            await self._exchange.deposit(asset, amount, reference)
        except OutcomeUnknownError:
            self._unknown = (asset, amount, reference)
            self.refuse(self._amount_field, "The answer was lost. ⏎ asks again, and never deposits it twice.")
        except CryptexError as error:
            self.refuse(self._amount_field, texts.plain(reason(error)))
        else:
            self.dismiss(f"deposited {amount} {asset}")
        finally:
            self.busy = False

    @property
    def _asset_field(self) -> Input:
        return self.field("asset")

    @property
    def _amount_field(self) -> Input:
        return self.field("amount")

    def _list(self) -> str:
        return texts.plain(", ".join(self._assets))
