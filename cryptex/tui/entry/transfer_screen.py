"""A form that moves funds in or out: an asset and an amount, sent under a reference, so that it happens once."""

import secrets
from collections.abc import Callable, Sequence
from typing import Final

from textual.binding import Binding
from textual.widgets import Input

from cryptex.client.errors import CryptexError, OutcomeUnknownError
from cryptex.client.exchange import Exchange
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.form_screen import FormScreen
from cryptex.tui.drawing.modal import Modal
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.orders.outcome import reason

ASSET_LENGTH_MAX: Final = 16
AMOUNT_LENGTH_MAX: Final = 27


def _new_reference() -> str:
    return f"tui-{secrets.token_hex(8)}"


class TransferScreen(FormScreen[str | None], Modal[str | None]):
    """Gives what was done, in words, or None. Subclasses say what is asked for, and how it is sent.

    While the outcome of a form is unknown, an equal one is sent under the same reference: it never happens twice.
    """

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("escape", "back", "back", show=False),
        Binding("up", "turn(-1)", "asset before", show=False),
        Binding("down", "turn(1)", "asset after", show=False),
    ]
    AUTO_FOCUS = "#amount"
    DEFAULT_CSS = """
    TransferScreen { align: center middle; background: $background 60%; }
    TransferScreen #told { margin-bottom: 1; }
    """

    def __init__(
        self,
        exchange: Exchange,
        assets: Sequence[str],
        asset: str,
        new_reference: Callable[[], str] = _new_reference,
    ) -> None:
        super().__init__()
        self.exchange = exchange
        self.asset = asset
        self._assets = list(assets)
        self._new_reference = new_reference
        self._unknown: tuple[tuple[str, ...], str] | None = None
        """The form whose outcome is not known, and its reference."""
        self.busy = False

    async def send(self, form: tuple[str, ...], reference: str) -> str:
        """Send a form; return what was done, in words. Every transfer implements this."""
        raise NotImplementedError

    def lost(self) -> str:
        """Return what is said where the answer was lost. Every transfer implements this."""
        raise NotImplementedError

    def action_back(self) -> None:
        """Close it; what was sent already is told in the wallet."""
        self.dismiss(None)

    def action_turn(self, step: int) -> None:
        """Write the asset after or before."""
        if self._assets and not self.busy:
            asset = self.asset_field.value.strip().upper()
            at = self._assets.index(asset) + step if asset in self._assets else 0
            self.asset_field.value = self._assets[at % len(self._assets)]

    def fields(self) -> list[Input]:
        """Return asset and amount."""
        return [self.asset_field, self.amount_field]

    def funds(self) -> tuple[str, str] | None:
        """Return asset and amount as they are written; None, and say why, where something is missing."""
        asset, amount = self.asset_field.value.strip().upper(), self.amount_field.value.strip().replace(",", "")
        if self._assets and asset not in self._assets:
            known = texts.plain(", ".join(self._assets))
            self.refuse(self.asset_field, f"There is no asset {texts.plain(asset) or 'without a name'} here: {known}.")
        elif not amount:
            self.refuse(self.amount_field, "The amount is missing.")
        else:
            return asset, amount
        return None

    def begin(self, form: tuple[str, ...], words: str) -> None:
        """Send a form, and say so."""
        self.busy = True
        self.tell(f"… {words}", Ink.MUTED)
        self.run_worker(self._run(form), exclusive=True)

    async def _run(self, form: tuple[str, ...]) -> None:
        before = self._unknown
        reference = before[1] if before is not None and before[0] == form else self._new_reference()
        try:
            done = await self.send(form, reference)
        except OutcomeUnknownError:
            self._unknown = (form, reference)
            self.refuse(self.amount_field, self.lost())
        except CryptexError as error:
            self.refuse(self.amount_field, texts.plain(reason(error)))
        else:
            self.dismiss(done)
        finally:
            self.busy = False

    @property
    def asset_field(self) -> Input:
        """Where the asset is written."""
        return self.field("asset")

    @property
    def amount_field(self) -> Input:
        """Where the amount is written."""
        return self.field("amount")
