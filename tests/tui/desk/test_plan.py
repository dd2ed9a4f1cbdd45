"""The plan of the screen, at every size from the smallest up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from cryptex.tui.desk.plan import TABS, TICKET_HEIGHT, Part, Plan, plan

sizes = st.builds(Size, st.integers(80, 320), st.integers(22, 120))


@given(sizes, st.sampled_from(TABS), st.integers(0, 64), st.integers(0, 64))
def test_panels_fill_the_screen_without_overlap(size: Size, tab: Part, markets: int, assets: int) -> None:
    shown = plan(size, tab, markets, assets)
    assert sum(region.area for region in shown.values()) == size.area
    assert all(size.region.contains_region(region) for region in shown.values())
    regions = list(shown.values())
    assert not any(a.overlaps(b) for i, a in enumerate(regions) for b in regions[i + 1 :])


@given(sizes, st.sampled_from(TABS), st.integers(0, 64), st.integers(0, 64))
def test_no_panel_is_too_small_to_read(size: Size, tab: Part, markets: int, assets: int) -> None:
    shown = plan(size, tab, markets, assets)
    assert all(region.width >= 34 and region.height >= 4 for region in shown.values())
    assert shown[Part.TICKET].width >= 43
    assert shown[Part.TICKET].height >= TICKET_HEIGHT
    assert {Part.LADDER, Part.TICKET, tab} <= shown.keys()


@pytest.mark.parametrize(("size", "count"), [(Size(80, 22), 3), (Size(120, 38), 7), (Size(200, 48), 7)])
def test_small_screens_share_a_place(size: Size, count: int) -> None:
    shown: Plan = plan(size, Part.WALLET, 4, 4)
    assert len(shown) == count
