"""The chart as it is drawn: pictures of several sizes and views, and what must hold in all of them."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cryptex.protocol.terms import Interval, Side
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.render import Drawing, render
from cryptex.tui.chart.scene import FillMark, OrderMark
from cryptex.tui.chart.series import Series
from cryptex.tui.chart.view import ZOOMS, View
from cryptex.tui.drawing.panel import Span
from cryptex.tui.drawing.theme import Ground, Ink
from tests.tui.chart.candles import LOOK, series
from tests.tui.chart.golden import expect, picture

HOLES = (3, 4, 5, 9, *range(15, 60))
ALL = frozenset(Study)
MINUTES = series()
NEWEST = MINUTES.bars[-1]
BACK = MINUTES.starts[-40]
MARKED = replace(
    LOOK,
    orders=(
        OrderMark(Side.BUY, Decimal("61091.00")),
        OrderMark(Side.SELL, Decimal("61145.00"), waits=True),
        OrderMark(Side.SELL, Decimal("90000.00")),
    ),
    fills=(
        FillMark(MINUTES.starts[0], Side.BUY),
        FillMark(MINUTES.starts[-12] + 3, Side.BUY),
        FillMark(MINUTES.starts[-5] + 59, Side.SELL),
    ),
)
CASES = {
    "minutes-80x20": (MINUTES, 80, 20, View(), MARKED),
    "minutes-100x30-all": (MINUTES, 100, 30, View(studies=ALL), MARKED),
    "near-60x16": (MINUTES, 60, 16, View(zoom=5), MARKED),
    "nearest-80x16": (MINUTES, 80, 16, View(zoom=6), MARKED),
    "far-70x16": (MINUTES, 70, 16, View(zoom=2, studies=frozenset({Study.EMA})), MARKED),
    "crosshair-80x18": (MINUTES, 80, 18, View(cursor_s=MINUTES.starts[-12], studies=frozenset({Study.SMA})), MARKED),
    "past-80x16": (MINUTES, 80, 16, View(end_s=BACK), replace(MARKED, note="loading older candles")),
    "holes-80x16": (series(holes=HOLES), 80, 16, View(), LOOK),
    "hours-120x24": (series(300, Interval.H1), 120, 24, View(interval=Interval.H1), LOOK),
    "quiet-60x14": (MINUTES, 60, 14, View(), replace(LOOK, now_s=NEWEST.start_s + 340)),
    "weeks-60x14": (series(80, Interval.W1), 60, 14, View(interval=Interval.W1), LOOK),
    "small-34x6": (MINUTES, 34, 6, View(), MARKED),
    "few-60x14": (series(3), 60, 14, View(), LOOK),
    "too-few-100x20": (series(12), 100, 20, View(studies=ALL), LOOK),
    "empty-60x10": (Series(Interval.M1), 60, 10, View(), LOOK),
}


@pytest.mark.parametrize("name", CASES)
def test_pictures(name: str) -> None:
    bars, width, height, view, look = CASES[name]
    expect(name, render(bars, width, height, view, look).lines)


def cells(drawing: Drawing) -> list[int]:
    return [sum(cell_len(span.text) for span in line) for line in drawing.lines]


@given(
    st.integers(0, 200),
    st.integers(1, 60),
    st.builds(
        View,
        zoom=st.none() | st.integers(0, len(ZOOMS) - 1),
        end_s=st.none() | st.sampled_from(MINUTES.starts),
        cursor_s=st.none() | st.sampled_from(MINUTES.starts),
        studies=st.frozensets(st.sampled_from(Study)),
    ),
)
def test_every_line_fits_its_room(width: int, height: int, view: View) -> None:
    drawing = render(MINUTES, width, height, view, MARKED)
    assert len(drawing.lines) <= height
    assert max(cells(drawing)) <= width
    if drawing.sheet is not None:
        assert len(drawing.lines) == height


def test_a_changed_candle_changes_few_lines() -> None:
    made = series()
    before = render(made, 100, 30, View(studies=ALL), LOOK).lines
    close = NEWEST.candle.close + 2
    assert close <= NEWEST.candle.high
    made.fold([msgspec.structs.replace(NEWEST.candle, close=close)])
    after = render(made, 100, 30, View(studies=ALL), LOOK).lines
    assert 1 <= sum(a != b for a, b in zip(before, after, strict=True)) <= 8


def test_the_past_says_so_and_the_tag_keeps_the_last_price() -> None:
    drawn = picture(render(MINUTES, 100, 20, View(end_s=BACK), MARKED).lines)
    assert "past, home: now" in drawn
    assert "61,107.37" in drawn
    assert "past" not in picture(render(MINUTES, 100, 20, View(), MARKED).lines)


def test_a_price_off_the_scale_is_tagged_at_the_edge() -> None:
    for price, row, arrow in ((Decimal(99_999), 2, "↑"), (Decimal(1), 16, "↓")):
        made = series()
        made.fold([msgspec.structs.replace(NEWEST.candle, low=price, high=price, close=price)])
        drawing = render(made, 100, 20, View(end_s=BACK), LOOK)
        assert arrow in drawing.lines[row][-1].text
        assert drawing.lines[row][-1].ground in (Ground.BUY, Ground.SELL)


def test_the_crosshair_reads_out_its_candle_exactly() -> None:
    bar = MINUTES.bars[-12]
    told = picture(render(MINUTES, 120, 20, View(cursor_s=bar.start_s), LOOK).lines[1:2])
    for value in (bar.candle.open, bar.candle.high, bar.candle.low, bar.candle.close):
        assert f"{value:,.2f}" in told
    assert "22 Nov 15:29" in told


def test_the_crosshair_on_a_hole_says_that_nobody_traded() -> None:
    made = series(holes=HOLES)
    told = picture(render(made, 100, 20, View(cursor_s=made.starts[-1] - 180), LOOK).lines[1:2])
    assert told == "22 Nov 15:37  nobody traded\n"


def test_own_orders_say_their_side_in_letters_and_stops_look_different() -> None:
    lines = render(MINUTES, 100, 20, View(), MARKED).lines
    assert [line[-2:] for line in lines if line[-1].text.endswith(("B", "S"))] == [
        (Span("◇", Ink.SELL), Span("61,145.00 S", Ink.SELL)),
        (Span("◆", Ink.BUY), Span("61,091.00 B", Ink.BUY)),
    ]


def test_fills_stand_at_their_candle() -> None:
    drawing = render(MINUTES, 100, 20, View(), MARKED)
    assert drawing.sheet is not None
    for arrow, back in (("▲", 12), ("▼", 5)):
        x = drawing.sheet.columns[-back]
        assert any(text[x] == arrow for text in picture(drawing.lines).splitlines() if len(text) > x)


def test_columns_and_places_agree() -> None:
    for zoom in range(len(ZOOMS)):
        sheet = render(MINUTES, 100, 20, View(zoom=zoom), LOOK).sheet
        assert sheet is not None
        assert all(sheet.place_at(sheet.columns[place]) == place for place in range(len(sheet.slots)))
        assert sheet.place_at(-50) is None


def test_the_first_line_offers_what_can_be_chosen() -> None:
    drawing = render(MINUTES, 100, 20, View(studies=frozenset({Study.EMA})), LOOK)
    assert [spot.choice for spot in drawing.spots] == [*Interval, "depth", *Study]
    text = picture(drawing.lines[:1])
    assert all(text[spot.start : spot.past].strip() == str(spot.choice) for spot in drawing.spots[:-1])
    assert len(render(MINUTES, 40, 20, View(), LOOK).spots) < len(drawing.spots)
