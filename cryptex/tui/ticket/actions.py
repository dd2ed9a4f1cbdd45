"""What can be done with the ticket."""

from typing import Final

from cryptex.tui.keys.action import Action, Place
from cryptex.tui.ticket.presets import PRESETS
from cryptex.tui.ticket.sizing import SHARES

_PRESETS: Final = tuple(Action(f"ticket.preset_{n}", str(n), f"size preset {n}") for n in range(1, PRESETS + 1))
_SHARES: Final = tuple(
    Action(f"ticket.share_{percent}", str(at), f"{percent} % of what is available")
    for at, percent in enumerate(SHARES, PRESETS + 1)
)
_IN_FIELDS: Final = tuple(
    Action(
        action.name.replace("ticket.", "field."),
        f"alt+{action.keys}",
        action.help,
        "",
        Place.FIELD,
        f"screen.act('{action.name}')",
        f"alt {action.keys}",
    )
    for action in (*_PRESETS, *_SHARES)
)
"""Digits belong to fields; with alt they are the keys that they are elsewhere."""

_DIGITS: Final = "0,1,2,3,4,5,6,7,8,9,full_stop"

TICKET: Final = (
    Action("ticket.buy", "b", "buy", "buy"),
    Action("ticket.sell", "s", "sell", "sell"),
    Action("ticket.join_bid", "B", "join the bid with the ticket's size"),
    Action("ticket.join_ask", "S", "join the ask with the ticket's size"),
    Action("ticket.type", "o", "order type", "type"),
    Action("ticket.force", "f", "time in force"),
    Action("ticket.expires", "e", "good until (gtd)"),
    Action("ticket.post_only", "p", "post only"),
    Action("ticket.self_trade", "i", "self-trade prevention"),
    Action("ticket.unit", "U", "size in base or quote"),
    Action("ticket.spot", "g", "price: own best, mid, far, last"),
    Action("ticket.retry", "Y", "try a rejected order again"),
    Action("ticket.confirm", "C", "ask before sending: risky, always, never"),
    *_PRESETS,
    *_SHARES,
    # In the ticket a digit is always typed: who went a field too far must not send the order of a preset.
    Action("ticket.digit", _DIGITS, "outside a field: type the size", "", Place.TICKET, "begin_size('{key}')", "0-9"),
    Action("ticket.send", "enter", "send the order", "send", Place.TICKET, "submit", "⏎"),
    Action("field.up", "up", "a step up or down", "step", Place.FIELD, "nudge(1)", "↑ ↓"),
    Action("field.down", "down", "", "", Place.FIELD, "nudge(-1)", "↓"),
    Action("field.up_ten", "shift+up", "ten steps", "", Place.FIELD, "nudge(10)", "⇧ ↑ ↓"),
    Action("field.down_ten", "shift+down", "", "", Place.FIELD, "nudge(-10)", "⇧↓"),
    *_IN_FIELDS,
)
