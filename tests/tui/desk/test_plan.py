"""The plan of the screen, at every size from the smallest up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from cryptex.tui.desk.layouts import BARS, LAYOUTS, SMALLEST
from cryptex.tui.desk.part import LEAST, Part
from cryptex.tui.desk.plan import Choice, Plan, plan

ALL = frozenset(Part)
WANTED = {Part.MARKETS: 7, Part.WALLET: 7}
sizes = st.builds(Size, st.integers(SMALLEST.width, 250), st.integers(SMALLEST.height - BARS, 78))
choices = st.builds(
    Choice,
    st.sampled_from(sorted(LAYOUTS)),
    st.frozensets(st.sampled_from(Part), max_size=len(Part) - 1),
    st.none(),
    st.permutations(list(Part)).map(tuple),
    st.dictionaries(st.sampled_from(Part), st.builds(Size, st.integers(0, 260), st.integers(0, 90))).map(
        lambda asked: tuple(asked.items())
    ),
)
wanted = st.fixed_dictionaries({Part.MARKETS: st.integers(4, 67), Part.WALLET: st.integers(4, 67)})


def check(shown: Plan, size: Size) -> None:
    """The panels cover the screen, none overlaps another, and each has what it needs."""
    regions = [found.region for found in shown.values()]
    assert sum(region.area for region in regions) == size.area
    assert all(size.region.contains_region(region) for region in regions)
    assert not any(a.overlaps(b) for i, a in enumerate(regions) for b in regions[i + 1 :])
    for found in shown.values():
        for part in found.parts:
            assert found.region.width >= LEAST[part].width, part
            assert found.region.height >= LEAST[part].height, part


@given(sizes, choices, wanted)
def test_panels_cover_the_screen_and_none_is_too_small_to_read(
    size: Size, choice: Choice, wanted: dict[Part, int]
) -> None:
    shown = plan(size, choice, ALL, wanted)
    check(shown, size)
    reached = [part for found in shown.values() for part in found.parts]
    assert sorted(reached) == sorted(ALL - choice.off), "each panel that is on has one place, or is a tab of one"


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_size(layout: str) -> None:
    for width in range(SMALLEST.width, 251, 3):
        for height in range(SMALLEST.height - BARS, 79):
            assert plan(Size(width, height), Choice(layout), ALL, WANTED), (width, height)


@given(sizes, choices, st.sampled_from(Part))
def test_a_panel_that_is_called_is_shown(size: Size, choice: Choice, part: Part) -> None:
    called = choice.called(part)
    assert part in plan(size, called, ALL, WANTED)
    assert plan(size, called.turned_zoom(part), ALL, WANTED)[part].region == size.region
    assert plan(size, called.turned_zoom(part).turned_zoom(part), ALL, WANTED) == plan(size, called, ALL, WANTED)


@given(st.permutations(list(Part)))
def test_the_last_panel_stays_on(turned: list[Part]) -> None:
    choice = Choice()
    for part in turned:
        choice = choice.turned_off(part, ALL)
    assert choice.off == ALL - {turned[-1]}
    assert plan(Size(120, 38), choice, ALL, WANTED).keys() == {turned[-1]}


def test_a_panel_that_is_off_comes_back() -> None:
    choice = Choice().turned_off(Part.TAPE, ALL)
    assert Part.TAPE not in plan(Size(120, 38), choice, ALL, WANTED)
    assert choice.turned_off(Part.TAPE, ALL) == Choice()


@given(sizes, st.frozensets(st.sampled_from(Part), min_size=1))
def test_panels_that_are_not_there_leave_no_hole(size: Size, present: frozenset[Part]) -> None:
    check(plan(size, Choice(), present, WANTED), size)


def test_too_small_a_screen_shows_nothing() -> None:
    assert plan(Size(SMALLEST.width - 1, 60), Choice(), ALL, WANTED) == {}
    assert plan(Size(200, SMALLEST.height - BARS - 1), Choice(), ALL, WANTED) == {}


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((50, 20), "ladder"),
        ((60, 30), "ladder ticket"),
        ((60, 55), "ladder ticket chart"),
        ((80, 24), "ladder ticket orders"),
        ((80, 40), "ladder ticket chart orders"),
        ((120, 24), "ladder chart ticket orders"),
        ((120, 40), "ladder chart ticket markets tape orders"),
        ((160, 45), "ladder chart ticket markets tape orders"),
        ((170, 45), "markets tape chart ladder ticket wallet orders"),
        ((200, 55), "markets tape chart ladder ticket wallet activity alerts orders history"),
    ],
)
def test_what_each_size_shows(size: tuple[int, int], shown: str) -> None:
    found = plan(Size(size[0], size[1] - (3 if size[0] < 80 else 2)), Choice(), ALL, WANTED)
    assert sorted(found) == sorted(shown.split())


def test_a_panel_gets_the_size_that_was_asked_for() -> None:
    size, choice = Size(120, 38), Choice()
    before = plan(size, choice, ALL, WANTED)[Part.CHART].region.size
    ladder = plan(size, choice, ALL, WANTED)[Part.LADDER].region.size
    wider = choice.sized(Part.LADDER, ladder, 2, 0)
    assert plan(size, wider, ALL, WANTED)[Part.LADDER].region.width == ladder.width + 2
    assert plan(size, wider, ALL, WANTED)[Part.CHART].region.width == before.width - 2
    for rows in (2, -2):
        other = choice.sized(Part.CHART, before, 0, rows)
        assert plan(size, other, ALL, WANTED)[Part.CHART].region.height == before.height + rows


def test_sizes_for_which_there_is_no_room_are_let_go() -> None:
    size = Size(120, 38)
    asked = Choice(asked=((Part.CHART, Size(200, 30)),))
    assert plan(size, asked, ALL, WANTED) == plan(size, Choice(), ALL, WANTED)


def test_lists_that_are_short_take_no_more_rows_than_they_have() -> None:
    found = plan(Size(120, 38), Choice(), ALL, WANTED)
    assert found[Part.MARKETS].region.height == 7
    assert found[Part.TICKET].region.size == LEAST[Part.TICKET]
