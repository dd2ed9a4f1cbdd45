"""A line of groups of spans, of which as many are shown as there is room for. Pure.

A group is shown whole or not at all. Each has its texts from the longest to the shortest, and a rank: the lower, the
longer it stays when room gets short.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from cryptex.tui.drawing.panel import Line, Span


class Group(NamedTuple):
    """Spans that belong together; the groups `at_right` stand at the line's end."""

    rank: int
    forms: tuple[Line, ...]
    lengths: tuple[int, ...]
    """Cells of each form."""
    at_right: bool = False


def group(rank: int, *forms: Line, at_right: bool = False) -> Group:
    """Return a group of these forms, the longest first."""
    return Group(rank, forms, tuple(cells(form) for form in forms), at_right)


def fitted_line(groups: Sequence[Group], width: int) -> Line:
    """Return the groups that fit into `width` cells, in their order, each in the longest form for which there is room.

    By rank every group first gets its shortest form, then each a longer one while room is left.
    """
    chosen: dict[int, int] = {}  # which form of each group
    room = width
    ranked = sorted(range(len(groups)), key=lambda i: groups[i].rank)
    for i in ranked:
        shortest = groups[i].lengths[-1]
        if shortest > room:
            break
        chosen[i] = len(groups[i].lengths) - 1
        room -= shortest
    for i in ranked[: len(chosen)]:
        lengths = groups[i].lengths
        longest = next(form for form, length in enumerate(lengths) if length - lengths[-1] <= room)
        room -= lengths[longest] - lengths[-1]
        chosen[i] = longest
    drawn = [(groups[i].at_right, groups[i].forms[form]) for i, form in sorted(chosen.items())]
    left = [span for at_right, line in drawn if not at_right for span in line]
    right = [span for at_right, line in drawn if at_right for span in line]
    return (*left, Span(" " * room), *right)


def first_fitting(parts: Iterable[Line], width: int) -> Line:
    """Return the first of the parts, as many as fit into `width` cells."""
    return fitted_line([group(rank, part) for rank, part in enumerate(parts)], width)


def cells(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(span.text) for span in line)
