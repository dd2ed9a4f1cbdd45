"""Scenes of the actions on the ticket."""

from cryptex.protocol.problems import Code
from tests.tui.action_scene import Scene, calls, field, form, modal
from tests.tui.fake_exchange import FakeExchange, refusal

_PRICED = ("b", "6", "1", "0", "0", "0", "tab")
_NUMBERS = (*_PRICED, "1")


def _refusing(exchange: FakeExchange) -> None:
    exchange.answers["place_order"] = [refusal(Code.INSUFFICIENT_FUNDS, "this needs more")]


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
    "ticket.join_bid": Scene(calls("place_order"), ("l", "2")),
    "ticket.join_ask": Scene(calls("place_order"), ("l", "2")),
    "ticket.retry": Scene(calls("place_order"), (*_NUMBERS, "enter"), given=_refusing),
    "ticket.confirm": Scene(lambda on: on.screen.desk.ticket.preferences.confirm),
    **{f"ticket.preset_{n}": Scene(field("size"), ("l",)) for n in (1, 2, 3, 4)},
    **{f"ticket.share_{n}": Scene(field("size"), (*_PRICED, "l")) for n in (25, 50, 75, 100)},
    "ticket.digit": Scene(field("size"), (*_NUMBERS, "tab")),
    "ticket.send": Scene(calls("place_order"), _NUMBERS),
    "field.up": Scene(field("size"), _NUMBERS),
    "field.down": Scene(field("size"), _NUMBERS),
    "field.up_ten": Scene(field("size"), _NUMBERS),
    "field.down_ten": Scene(field("size"), _NUMBERS),
    **{f"field.preset_{n}": Scene(field("size"), _PRICED) for n in (1, 2, 3, 4)},
    **{f"field.share_{n}": Scene(field("size"), _PRICED) for n in (25, 50, 75, 100)},
}
