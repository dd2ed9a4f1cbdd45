"""What the user has set for orders: the section [orders] of the settings file."""

from typing import Annotated

import msgspec

from cryptex.protocol.requests import CANCEL_AFTER_SECONDS_MAX
from cryptex.tui.orders.safeguards import DEAD_MAN_S

DEAD_MAN_SECONDS_MIN = 10
"""Shorter than this, a slow connection would cancel orders."""


class OrderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`dead_man_seconds`: how long after the terminal's last word the dead man's switch cancels all orders."""

    dead_man_seconds: Annotated[int, msgspec.Meta(ge=DEAD_MAN_SECONDS_MIN, le=CANCEL_AFTER_SECONDS_MAX)] = DEAD_MAN_S
