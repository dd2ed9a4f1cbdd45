"""Which rows the ticket has, by order type and height. Pure."""

from typing import Final

from cryptex.protocol.terms import SelfTradePrevention, TimeInForce
from cryptex.tui.ticket.form import Form

_BUTTON: Final = 1
_FOOT_COMFORTABLE: Final = 3
"""Rows under the button from which on what is seldom needed is shown too."""


def rows(form: Form, height: int) -> tuple[str, ...]:
    """Return the names of the rows above the button, top first.

    The self-trade row folds away where room is short and it says the usual.
    """
    told = ["side", "type", *form.field_names, "time_in_force"]
    if form.time_in_force is TimeInForce.GTD:
        told.append("expires")
    usual = form.self_trade_prevention is SelfTradePrevention.CANCEL_NEWEST
    if not usual or height >= len(told) + 1 + _BUTTON + _FOOT_COMFORTABLE:
        told.append("self_trade_prevention")
    return tuple(told)
