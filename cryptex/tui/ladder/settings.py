"""What the user sets about the ladder."""

from typing import Annotated, Final

import msgspec

from cryptex.tui.ladder.rows import EDGE_ROWS

RECENTRE_AFTER_MAX: Final = 20


class LadderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section [ladder]: whether rows stand still while prices move, and whether sizes that change light up.

    `recentre_after`: rows that stand still move once a best price is nearer to the first or the last than so many.
    """

    still: bool = False
    flash: bool = True
    recentre_after: Annotated[int, msgspec.Meta(ge=0, le=RECENTRE_AFTER_MAX)] = EDGE_ROWS
