"""Handlers of the ticket's actions that work anywhere."""

from functools import partial

from cryptex.protocol.terms import Side
from cryptex.tui.desk.part import Part
from cryptex.tui.stage import Handlers, Stage
from cryptex.tui.ticket import turns
from cryptex.tui.ticket.expiry_screen import ExpiryScreen
from cryptex.tui.ticket.presets import PRESETS
from cryptex.tui.ticket.sending import Sender
from cryptex.tui.ticket.sizing import SHARES


def ticket_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    ticket, sender = stage.desk.ticket, Sender(stage)
    ticket.send, ticket.send_change = sender.send, sender.send_change
    ticket.ask_expiry = partial(_ask_expiry, stage)
    ticket.preferences = stage.settings.value.ticket.preferences
    ticket.again = f"{stage.keymap.cap_of('ticket.retry')} tries again."

    def turn(side: Side) -> None:
        aim = stage.desk.ladder.aim
        stage.desk.bring(Part.TICKET)
        if aim is not None:
            ticket.fill(aim[1], Side.SELL if side is Side.BUY else Side.BUY)
        ticket.turn(side)
        ticket.focus_first()

    def next_type() -> None:
        stage.desk.bring(Part.TICKET)
        ticket.change(turns.next_type)
        ticket.focus_first()

    return {
        "ticket.buy": partial(turn, Side.BUY),
        "ticket.sell": partial(turn, Side.SELL),
        "ticket.join_bid": partial(sender.join, Side.BUY),
        "ticket.join_ask": partial(sender.join, Side.SELL),
        "ticket.type": next_type,
        "ticket.force": partial(ticket.change, turns.next_force),
        "ticket.expires": ticket.ask_expiry,
        "ticket.post_only": partial(ticket.change, turns.other_post_only),
        "ticket.self_trade": partial(ticket.change, turns.next_self_trade),
        "ticket.unit": partial(ticket.change, turns.other_unit),
        "ticket.spot": ticket.pick_spot,
        "ticket.retry": sender.retry,
        "ticket.confirm": sender.next_confirm,
        **{f"ticket.preset_{number}": partial(ticket.take_preset, number) for number in range(1, PRESETS + 1)},
        **{f"ticket.share_{percent}": partial(ticket.take_share, percent) for percent in SHARES},
    }


def _ask_expiry(stage: Stage) -> None:
    """Ask until when the order lives."""
    ticket = stage.desk.ticket

    def answered(typed: str | None) -> None:
        if typed:
            ticket.change(partial(turns.until, expires=typed))

    stage.open(ExpiryScreen(ticket.form.expires, ticket.now), answered)
