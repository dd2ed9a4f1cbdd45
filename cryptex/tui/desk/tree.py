"""Arrangements of panels as trees of rows and columns, and the cutting of a region along them. Pure.

A leaf holds one panel, or several that share the place as tabs. What a panel needs is met first; what is left over is
dealt out by weight, up to what a panel can use.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from textual.geometry import NULL_SIZE, Region, Size

from cryptex.tui.desk.part import LEAST, TICKET_SIZE, Part

Wanted = Mapping[Part, int]
"""Rows, frame included, beyond which a panel has nothing more to show."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place; `width` and `height` are what this arrangement asks for beyond the least of its panels."""

    parts: tuple[Part, ...]
    weight: int = 1
    width: int = 0
    height: int = 0
    fixed: Size = NULL_SIZE
    """The size that the user gave it; 0 where none."""


@dataclass(frozen=True, slots=True)
class Split:
    """Places side by side (`across`) or one over the other."""

    across: bool
    children: "tuple[Leaf | Split, ...]"
    weight: int = 1


Tree = Leaf | Split


class Place(NamedTuple):
    """A region, and the panels that share it as tabs."""

    parts: tuple[Part, ...]
    region: Region


class Bounds(NamedTuple):
    """How long a piece must be, how long it can use to be, and its share of what is left over."""

    least: int
    most: int
    weight: int


_ENDLESS: Final = 1 << 16


def columns(*children: Tree, weight: int = 1) -> Split:
    """Return places side by side."""
    return Split(True, children, weight)


def rows(*children: Tree, weight: int = 1) -> Split:
    """Return places one over the other."""
    return Split(False, children, weight)


def place(*parts: Part, weight: int = 1, width: int = 0, height: int = 0) -> Leaf:
    """Return a place of one panel, or of several as tabs."""
    return Leaf(parts, weight, width, height)


def resized(tree: Tree, asked: Mapping[Part, Size]) -> Tree:
    """Return the tree with places of the size that is asked for their panels, or the least of these."""
    if isinstance(tree, Split):
        return replace(tree, children=tuple(resized(child, asked) for child in tree.children))
    sizes = [asked[part] for part in tree.parts if part in asked]
    return replace(tree, fixed=sizes[0]) if sizes else tree


def pruned(tree: Tree, parts: Set[Part]) -> Tree | None:
    """Return the tree without the panels that are not among `parts`; None when nothing is left."""
    if isinstance(tree, Leaf):
        kept = tuple(part for part in tree.parts if part in parts)
        return replace(tree, parts=kept) if kept else None
    children = tuple(child for child in (pruned(c, parts) for c in tree.children) if child is not None)
    return replace(tree, children=children) if children else None


def least(tree: Tree) -> Size:
    """Return the smallest size at which every panel of the tree has what it needs."""
    if isinstance(tree, Leaf):
        sizes = [LEAST[part] for part in tree.parts]
        width, height = tree.fixed.width or tree.width, tree.fixed.height or tree.height
        return Size(max(width, *(s.width for s in sizes)), max(height, *(s.height for s in sizes)))
    sizes = [least(child) for child in tree.children]
    widths, heights = [s.width for s in sizes], [s.height for s in sizes]
    return Size(sum(widths), max(heights)) if tree.across else Size(max(widths), sum(heights))


def cut(tree: Tree, region: Region, wanted: Wanted) -> list[Place]:
    """Return the places of a tree in a region, which they cover without overlap."""
    if isinstance(tree, Leaf):
        return [Place(tree.parts, region)]
    length = region.width if tree.across else region.height
    sizes = shared(length, [_bounds(child, tree.across, wanted) for child in tree.children])
    out: list[Place] = []
    x, y, width, height = region
    for child, size in zip(tree.children, sizes, strict=True):
        out += cut(child, Region(x, y, size, height) if tree.across else Region(x, y, width, size), wanted)
        x, y = (x + size, y) if tree.across else (x, y + size)
    return out


def shared(length: int, pieces: Sequence[Bounds]) -> list[int]:
    """Return the lengths of pieces that together are `length`, which is at least the sum of their least.

    When none can use what is left over, the heaviest takes it.
    """
    sizes = [piece.least for piece in pieces]
    over = length - sum(sizes)
    while over > 0:
        hungry = [i for i, p in enumerate(pieces) if p.weight and sizes[i] < p.most]
        if not hungry:
            sizes[max(range(len(pieces)), key=lambda i: (pieces[i].most == _ENDLESS, pieces[i].weight))] += over
            break
        weights, pot = sum(pieces[i].weight for i in hungry), over
        for i in hungry:
            given = min(max(1, pot * pieces[i].weight // weights), pieces[i].most - sizes[i], over)
            sizes[i] += given
            over -= given
    return sizes


def _bounds(tree: Tree, across: bool, wanted: Wanted) -> Bounds:
    size = least(tree)
    length = size.width if across else size.height
    if _is_fixed(tree, across):
        return Bounds(length, length, 0)
    return Bounds(length, max(length, _ENDLESS if across else _most(tree, wanted)), tree.weight)


def _is_fixed(tree: Tree, across: bool) -> bool:
    """Return whether the user gave the tree its width (`across`) or height."""
    if isinstance(tree, Leaf):
        return bool(tree.fixed.width if across else tree.fixed.height)
    fixed = [_is_fixed(child, across) for child in tree.children]
    return all(fixed) if tree.across is across else any(fixed)


def _most(tree: Tree, wanted: Wanted) -> int:
    """Return the rows beyond which a tree has no use for more."""
    if isinstance(tree, Split):
        each = [_most(child, wanted) for child in tree.children]
        return min(_ENDLESS, max(each) if tree.across else sum(each))
    if len(tree.parts) > 1:
        return _ENDLESS
    return TICKET_SIZE.height if tree.parts[0] is Part.TICKET else wanted.get(tree.parts[0], _ENDLESS)
