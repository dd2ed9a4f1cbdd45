"""Scenes of the actions on the ticket."""

from tests.tui.action_scene import Scene, calls, field, form, modal

_PRICED = ("b", "6", "1", "0", "0", "0", "tab")
_NUMBERS = (*_PRICED, "1")

SCENES = {
    "ticket.buy": Scene(form, ("s",)),
    "ticket.sell": Scene(form, ("b",)),
    "ticket.type": Scene(form),
    "ticket.force": Scene(form),
    "ticket.expires": Scene(modal),
    "ticket.post_only": Scene(form),
    "ticket.self_trade": Scene(form),
    "ticket.unit": Scene(form, ("o",)),
    "ticket.spot": Scene(field("price"), ("l",)),
    **{f"ticket.preset_{n}": Scene(field("size"), ("l",)) for n in (1, 2, 3, 4)},
    **{f"ticket.share_{n}": Scene(field("size"), (*_PRICED, "l")) for n in (25, 50, 75, 100)},
    "ticket.send": Scene(calls("place_order"), _NUMBERS),
    "field.up": Scene(field("size"), _NUMBERS),
    "field.down": Scene(field("size"), _NUMBERS),
    "field.up_ten": Scene(field("size"), _NUMBERS),
    "field.down_ten": Scene(field("size"), _NUMBERS),
    **{f"field.preset_{n}": Scene(field("size"), _PRICED) for n in (1, 2, 3, 4)},
    **{f"field.share_{n}": Scene(field("size"), _PRICED) for n in (25, 50, 75, 100)},
}
