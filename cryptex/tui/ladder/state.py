"""What the ladder knows besides the book: its user's settings, and own orders in their queues."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from cryptex.protocol.terms import Side
from cryptex.tui.ladder.grouping import DEPTH_MIN, bucket
from cryptex.tui.ladder.queue import Place
from cryptex.tui.ladder.settings import LadderSettings


class Own(NamedTuple):
    """Own orders on a row. At most `ahead` stands before the first of them to trade; None while that is not known."""

    size: Decimal
    ahead: Decimal | None
    order_ids: tuple[int, ...]


OwnRows = dict[tuple[Side, Decimal], Own]


@dataclass(slots=True)
class LadderState:
    """Part of the terminal's model."""

    steps: dict[str, Decimal] = field(default_factory=dict)
    """The step that prices are grouped by, of the markets where it is not the tick."""
    settings: LadderSettings = field(default_factory=LadderSettings)
    now_s: float = 0.0
    """When the frame began, in seconds of the monotonic clock."""
    places: tuple[Place, ...] = ()
    """Own resting orders in the chosen market."""
    book_depth: int = DEPTH_MIN
    """Levels a side that the book on the screen has at most."""
    depth: int = DEPTH_MIN
    """How deep the book should be for what is shown."""

    def step(self, market: str, tick: Decimal) -> Decimal:
        """Return the step that a market's prices are grouped by."""
        return self.steps.get(market, tick)

    def caption(self, market: str) -> str:
        """Return what the frame says where things are not as usual: ` by 10, still`."""
        step = self.steps.get(market)
        told = [f"by {step:f}"] if step is not None else []
        told += ["still"] if self.settings.still else []
        return f" {', '.join(told)}" if told else ""

    def group(self, market: str, step: Decimal, tick: Decimal) -> None:
        """Group a market's prices by a step."""
        self.steps[market] = step.normalize()
        if step == tick:
            del self.steps[market]

    def turn(self) -> None:
        """Begin anew with the book of another market."""
        self.places = ()
        self.book_depth = self.depth = DEPTH_MIN


def own_rows(places: Iterable[Place], step: Decimal) -> OwnRows:
    """Return own orders by the row that they stand on."""
    rows: dict[tuple[Side, Decimal], list[Place]] = {}
    for place in places:
        rows.setdefault((place.side, bucket(place.price, place.side, step)), []).append(place)
    return {row: _own(found) for row, found in rows.items()}


def _own(places: list[Place]) -> Own:
    best = (max if places[0].side is Side.BUY else min)(place.price for place in places)
    bounds = [place.ahead for place in places if place.price == best]
    known = [ahead for ahead in bounds if ahead is not None]
    size = sum((place.remaining for place in places), Decimal(0))
    return Own(size, min(known) if known else None, tuple(place.order_id for place in places))
