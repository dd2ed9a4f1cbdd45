"""What can be chosen, and where choosing ends."""

from cryptex.protocol.terms import Interval
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.view import DEPTH_ZOOM_MAX, STUDY_SETS, ZOOM_START, ZOOMS, View


def test_intervals_go_up_and_down_and_back_to_now() -> None:
    view = View(end_s=60, cursor_s=60)
    assert view.next_interval(1) == View(interval=Interval.M5)
    assert view.next_interval(-1).interval is Interval.M1
    assert View(interval=Interval.W1).next_interval(1).interval is Interval.W1


def test_zoom_ends_at_both_ends() -> None:
    assert View().zoomed(99).zoom == len(ZOOMS) - 1
    assert View().zoomed(-99).zoom == 0
    assert View().zoomed(1).zoom == ZOOM_START + 1


def test_few_candles_are_fitted_to_the_room() -> None:
    assert [View().fitted(count, 60).zoom for count in (1, 10, 11, 15, 16, 999)] == [6, 6, 5, 5, 4, 4]
    assert View(zoom=1).fitted(1, 60).zoom == 1


def test_the_depth_chart_has_its_own_zoom() -> None:
    view = View(depth=True).zoomed(2)
    assert (view.depth_zoom, view.zoom) == (2, None)
    assert view.zoomed(99).depth_zoom == DEPTH_ZOOM_MAX
    assert view.zoomed(-99).depth_zoom == 0


def test_one_key_goes_through_all_sets_of_indicators() -> None:
    view, seen = View(), []
    for _ in STUDY_SETS:
        seen.append(view.studies)
        view = view.next_studies()
    assert seen == list(STUDY_SETS)
    assert view.studies == frozenset()
    assert View().toggled(Study.EMA).next_studies().studies == frozenset()


def test_an_indicator_is_put_on_and_off() -> None:
    view = View().toggled(Study.RSI)
    assert view.studies == {Study.RSI}
    assert view.toggled(Study.RSI).studies == frozenset()
    assert not View(depth=True).toggled(Study.RSI).depth
    assert not View(depth=True).next_studies().depth


def test_home_is_now() -> None:
    assert View(end_s=60, cursor_s=60, depth_cursor=3).now() == View()
    assert View(end_s=60).is_past
    assert not View().is_past
