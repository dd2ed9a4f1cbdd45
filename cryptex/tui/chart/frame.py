"""How a chart's room is divided, by its size alone. Pure."""

from typing import Final, NamedTuple

WIDTH_MIN: Final = 24
HEIGHT_MIN: Final = 4
_BOTH_HEADS_FROM: Final = 12
_VOLUME_FROM: Final = 9
_RSI_FROM: Final = 14


class Frame(NamedTuple):
    """Rows of each pane from the top, and the columns of the plot; the axis stands to its right."""

    head: int
    price: int
    volume: int
    rsi: int
    plot: int
    axis: int

    @property
    def rows(self) -> int:
        """Rows that have columns of candles in them."""
        return self.price + self.volume + self.rsi


def frame_of(width: int, height: int, label: int, *, rsi: bool) -> Frame | None:
    """Divide the room; `label` is how many cells the widest price takes. None where there is too little of it."""
    if width < WIDTH_MIN or height < HEIGHT_MIN:
        return None
    head = 2 if height >= _BOTH_HEADS_FROM else 1
    rows = height - head - 1
    strength = max(4, rows // 4) if rsi and rows >= _RSI_FROM else 0
    volume = max(2, rows // 6) if rows - strength >= _VOLUME_FROM else 0
    axis = label + 3
    return Frame(head, rows - strength - volume, volume, strength, width - axis, axis)
