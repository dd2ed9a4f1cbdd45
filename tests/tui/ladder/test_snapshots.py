"""What the ladder alone looks like. After a wanted change: pytest tests/tui/ladder --snapshot-update, and look."""

from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.ladder.queue import Place
from cryptex.tui.looks.up_down import OWN
from cryptex.tui.looks.wearing import LookApp
from cryptex.tui.model import TerminalModel
from tests.tui.fake_exchange import MARKETS
from tests.tui.scenes import levels

Compare = Callable[..., bool]


def book(best_cents: int, step_cents: int) -> list[Level]:
    return [Level(Decimal(price), Decimal(size)) for price, size in levels(best_cents, step_cents)]


class Alone(LookApp):
    """The ladder without the rest of the terminal."""

    def __init__(self, *, still: bool) -> None:
        super().__init__()
        self.model = model = TerminalModel()
        model.set_markets(MARKETS)
        model.ladder.settings = msgspec.structs.replace(model.ladder.settings, still=still)
        asks, bids = book(6123550, 125), book(6123450, -150)
        model.set_book(bids, asks)
        model.set_places(
            (
                Place(1, Side.SELL, asks[2].price, Decimal("0.01"), Decimal("0.0151")),
                Place(2, Side.BUY, bids[3].price, Decimal("0.5"), Decimal(0)),
            )
        )

    def on_mount(self) -> None:
        self.wear("night", OWN)

    def compose(self) -> ComposeResult:
        yield Ladder(self.model)


@pytest.mark.parametrize("width", [37, 64])
@pytest.mark.parametrize("still", [False, True], ids=["centred", "still"])
def test_ladder(snap_compare: Compare, still: bool, width: int) -> None:
    app = Alone(still=still)

    async def run(pilot: Pilot[None]) -> None:
        ladder = app.query_one(Ladder)
        ladder.focus()
        ladder.settle()
        await pilot.press("down", "up", "up", "up")
        asks, bids = book(6123550, 125), book(6123450, -150)
        asks[6] = asks[6]._replace(size=Decimal(9))
        app.model.set_book(bids, asks)
        ladder.show(stale=False)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(width, 30), run_before=run)
