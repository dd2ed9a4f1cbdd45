"""Order history: one's own orders that have ended, and why, in words."""

from collections.abc import Sequence
from typing import Final

from cryptex.client.models import Order
from cryptex.protocol.terms import EndReason, OrderStatus
from cryptex.tui.account.grid import Cell, Column, Row
from cryptex.tui.account.paged import Paged
from cryptex.tui.account.paged_table import PagedTable, day, side_cell
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel, Terms

_WORDS_FROM: Final = 60
"""Width from which the reason is told in full; below, by its short name."""
_REASONS: Final = {
    EndReason.FILLED: "filled",
    EndReason.USER: "canceled by you",
    EndReason.IOC: "the rest canceled (ioc)",
    EndReason.FOK: "not fillable at once (fok)",
    EndReason.NO_LIQUIDITY: "nothing left to trade with",
    EndReason.PRICE_BAND: "stopped at the price band",
    EndReason.SELF_TRADE: "would meet your own order",
    EndReason.EXPIRED: "expired",
    EndReason.DISCONNECTED: "connection ended",
    EndReason.DEAD_MAN: "dead man's switch",
    EndReason.INSUFFICIENT_FUNDS: "not enough funds",
    EndReason.HALTED: "market halted",
    EndReason.ADMIN: "by the exchange",
}
_COLUMNS: Final = (
    Column("Day", 5, 8, right=False),
    Column("UTC", 8, 3, right=False),
    Column("Id", 6, 7),
    Column("Market", 9, 4, right=False),
    Column("Side", 6, right=False),
    Column("Type", 10, 6, right=False),
    Column("Price", 11),
    Column("Size", 9, 5),
    Column("Filled", 6, 2),
    Column("Average", 11, 5),
    Column("Ended", 12, right=False),
)


class HistoryTable(PagedTable[Order]):
    """Orders that ended, by their age."""

    TITLE = "Order history"
    EMPTY = "no order has ended yet"
    ELSEWHERE = "cryptex orders --all"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(model, id=Part.HISTORY)

    @property
    def paged(self) -> Paged[Order]:
        """Ended orders."""
        return self._model.account.history

    def next_step(self) -> str:
        """Return what one can do where there are no rows."""
        return f"{self._model.cap_of('panel.orders')} shows those that are open"

    def columns(self, width: int) -> Sequence[Column]:
        """Return the columns."""
        return _COLUMNS

    def rows_of(self, item: Order, width: int) -> Sequence[Row]:
        """Return an order's row."""
        terms = self._model.terms.get(item.market)
        ended, ink = ended_text(item, full=width >= _WORDS_FROM)
        price = item.price if item.price is not None else item.stop_price
        return [
            (
                Cell(day(item.updated_at), Ink.MUTED),
                Cell(texts.clock(item.updated_at), Ink.MUTED),
                Cell(str(item.id), Ink.MUTED),
                Cell(texts.plain(item.market)),
                side_cell(item.side),
                Cell(texts.words(item.type), Ink.MUTED),
                Cell("market" if price is None else texts.number(price, _price_places(terms)), Ink.BRIGHT),
                Cell(_size(item, terms), zeros=True),
                Cell(_filled(item), Ink.TEXT if item.filled else Ink.FAINT),
                Cell(texts.number(item.average_price, _price_places(terms)), Ink.TEXT if item.filled else Ink.FAINT),
                Cell(ended, ink),
            )
        ]


def ended_text(order: Order, *, full: bool) -> tuple[str, Ink]:
    """Return why an order ended, in words."""
    if order.status is OrderStatus.REJECTED:
        why = texts.words(order.reject_code or order.reason or "")
        return (f"rejected: {why}" if full else why or "rejected"), Ink.SELL
    if order.reason is None:
        return texts.words(order.status), Ink.MUTED
    ink = Ink.BUY if order.reason is EndReason.FILLED else Ink.MUTED
    return (_REASONS[order.reason] if full else texts.words(order.reason)), ink


def _filled(order: Order) -> str:
    if order.status is OrderStatus.FILLED:
        return "100%"
    if order.size:
        return f"{int(order.filled * 100 / order.size)}%"
    return "part" if order.filled else "0%"


def _size(order: Order, terms: Terms | None) -> str:
    if order.size is None:
        return texts.number(order.quote_size, 2)
    return texts.number(order.size, terms.size_places if terms else 8)


def _price_places(terms: Terms | None) -> int:
    return terms.price_places if terms else 8
