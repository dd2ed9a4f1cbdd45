"""A line of groups of spans, of which as many are shown as there is room for. Pure.

A group is shown whole or not at all. Each has its texts from the longest to the shortest, and a rank: the lower, the
longer it stays when room gets short.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from cryptex.tui.drawing.panel import Line, Span


class Group(NamedTuple):
    """Spans that belong together; the groups `at_right` stand at the line's end."""

    rank: int
    forms: tuple[Line, ...]
    at_right: bool = False


def fitted_line(groups: Sequence[Group], width: int) -> Line:
    """Return the groups that fit into `width` cells, in their order, each in the longest form for which there is room.

    By rank every group first gets its shortest form, then each a longer one while room is left.
    """
    chosen: dict[int, Line] = {}
    room = width
    ranked = sorted(range(len(groups)), key=lambda i: groups[i].rank)
    for i in ranked:
        shortest = groups[i].forms[-1]
        if cells(shortest) > room:
            break
        chosen[i] = shortest
        room -= cells(shortest)
    for i in ranked:
        longer = next((f for f in groups[i].forms if i in chosen and cells(f) - cells(chosen[i]) <= room), None)
        if longer is not None:
            room -= cells(longer) - cells(chosen[i])
            chosen[i] = longer
    left = [span for i, line in sorted(chosen.items()) if not groups[i].at_right for span in line]
    right = [span for i, line in sorted(chosen.items()) if groups[i].at_right for span in line]
    return (*left, Span(" " * room), *right)


def cells(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(span.text) for span in line)
