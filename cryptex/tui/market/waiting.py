"""What a panel of the market says while it has nothing to show: what it waits for, or that there is no market. Pure."""

from cryptex.tui.drawing.panel import Line, message
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel


def waiting(model: TerminalModel, what: str, width: int) -> list[Line]:
    """Return lines: it waits for `what`; or, once the node has said that it has no markets, that and what to do."""
    if model.terms or not model.watch.markets_told:
        return [message(f"waiting for {what}", width)]
    elsewhere = f"{model.cap_of('account.menu')} leads to another node"
    return [message("this node has no markets", width), message(elsewhere, width, Ink.FAINT)]


def first_order(model: TerminalModel) -> str:
    """Return by which keys an order is begun: `b buys, s sells`."""
    return f"{model.cap_of('ticket.buy')} buys, {model.cap_of('ticket.sell')} sells"
