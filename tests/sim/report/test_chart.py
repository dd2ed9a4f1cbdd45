"""Charts: axes, and both ways to draw them."""

import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.sim.report.braille import LETTERS, text_of
from cryptex.sim.report.chart import Axis, Chart, Mark, Series, axes, tick_text
from cryptex.sim.report.svg import HEIGHT, svg_of

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
SVG = "{http://www.w3.org/2000/svg}"


def chart(*series: Series, log: bool = False) -> Chart:
    return Chart("Title <&>", "across", "up", series, log)


RISING = Series("rising", [0, 1, 2, 3], [0, 10, 20, 30])


def test_a_line_in_the_terminal() -> None:
    lines = text_of(chart(RISING), 40).splitlines()
    assert lines[0] == "Title <&>: up"
    assert [line.split("|")[0].strip() for line in lines[1:13]] == [
        "30",
        *[""] * 3,
        "20",
        *[""] * 2,
        "10",
        *[""] * 3,
        "0",
    ]
    places = [len(line.split("|")[1]) for line in lines[1:13]]
    assert places == sorted(places, reverse=True)
    assert (places[0], places[-1]) == (29, 3)
    assert lines[-2].split() == ["0", "1", "2", "3"]
    assert lines[-1].strip() == "across"


def test_further_series_and_points_are_letters() -> None:
    text = text_of(chart(RISING, Series("falling", [0, 3], [30, 0], Mark.POINTS)), 40)
    assert "dots rising, o falling" in text
    rows = [line.split("|")[1] for line in text.splitlines()[2:14]]
    assert rows[0][0] == "o"
    assert rows[11][-1] == "o"
    assert sum(row.count("o") for row in rows) == 2
    alone = text_of(chart(RISING._replace(mark=Mark.POINTS)), 40)
    assert sum(line.count(LETTERS[0]) for line in alone.splitlines() if "|" in line) == 4


def test_bars_stand_on_zero() -> None:
    bars = chart(Series("bars", [1, 2], [5, 10], Mark.BARS))
    both = axes(bars)
    assert both is not None
    assert (both[1].low, both[1].high) == (0, 10)
    assert text_of(bars, 40).splitlines()[12].split("|")[1].strip() != ""


def test_nothing_to_draw() -> None:
    empty = chart(Series("none", [-1, math.nan], [1, 2]), log=True)
    assert text_of(empty, 80) == "Title <&>: nothing to draw\n"
    assert "nothing to draw" in svg_of([empty])


def test_logarithmic_axes_have_decades() -> None:
    both = axes(chart(Series("s", [1, 0, 1000], [-1, 5, 2]), log=True))
    assert both is not None
    assert Axis(0, 3, log=True).ticks() == [1, 10, 100, 1000]
    assert both[0].low == 2.5
    assert both[0].high == 3.5


@given(NUMBERS, NUMBERS)
def test_ticks_are_few_and_inside(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    if high - low < 1e-3:
        return
    ticks = Axis(low, high, log=False).ticks()
    slack = 1e-9 * max(abs(low), abs(high))
    assert 2 <= len(ticks) <= 7
    assert all(low - slack <= tick <= high + slack for tick in ticks)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.30000000000000004, "0.3"), (60000, "60000"), (1e-7, "1e-07"), (-2.5, "-2.5")]
)
def test_tick_text(value: float, text: str) -> None:
    assert tick_text(value) == text


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), st.sampled_from(Mark), st.booleans())
def test_any_series_can_be_drawn(points: list[tuple[float, float]], mark: Mark, log: bool) -> None:
    drawing = chart(
        Series("s", [x for x, _ in points], [y for _, y in points], mark), log=log and mark is not Mark.BARS
    )
    text = text_of(drawing, 60)
    assert all(len(line) <= 60 for line in text.splitlines())
    assert ET.fromstring(svg_of([drawing])).tag == f"{SVG}svg"


def test_svg_has_a_panel_a_chart() -> None:
    document = svg_of([chart(RISING), chart(RISING._replace(mark=Mark.POINTS)), chart(RISING._replace(mark=Mark.BARS))])
    root = ET.fromstring(document)
    assert root.get("height") == str(3 * HEIGHT)
    panels = root.findall(f"{SVG}g")
    assert len(panels) == 3
    line = panels[0].find(f"{SVG}polyline")
    assert line is not None
    assert line.get("points") == "80.0,250.0 286.7,180.0 493.3,110.0 700.0,40.0"
    assert len(panels[1].findall(f"{SVG}circle")) == 4
    assert panels[0].findall(f"{SVG}text")[0].text == "Title <&>"
