"""Handlers of the ticket's actions that work anywhere."""

from cryptex.protocol.terms import Side
from cryptex.tui.desk.part import Part
from cryptex.tui.stage import Handlers, Stage


def ticket_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    ticket = stage.desk.ticket

    def turn(side: Side) -> None:
        stage.desk.bring(Part.TICKET)
        ticket.turn(side)
        ticket.focus_first()

    def next_type() -> None:
        stage.desk.bring(Part.TICKET)
        ticket.next_type()

    return {
        "ticket.buy": lambda: turn(Side.BUY),
        "ticket.sell": lambda: turn(Side.SELL),
        "ticket.type": next_type,
        "ticket.force": ticket.next_force,
        "ticket.post_only": ticket.toggle_post_only,
    }
