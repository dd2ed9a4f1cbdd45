"""What of a view is kept, and what it is when it comes back."""

import msgspec
import pytest

from cryptex.protocol.terms import Interval
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.settings import ChartSettings, kept
from cryptex.tui.chart.view import View


def test_only_what_changed_is_kept() -> None:
    assert kept(View(), View(end_s=60, zoom=1, depth=True)) == {}
    assert kept(View(), View(interval=Interval.H1)) == {"interval": "1h"}
    both = frozenset({Study.RSI, Study.SMA})
    assert kept(View(), View(studies=both)) == {"indicators": ["SMA", "RSI"]}
    assert kept(View(studies=both), View()) == {"indicators": []}


def test_what_was_kept_is_shown_again() -> None:
    view = View(interval=Interval.D1, studies=frozenset({Study.EMA}))
    assert msgspec.convert(kept(View(), view), ChartSettings).view() == view
    assert ChartSettings().view() == View()


@pytest.mark.parametrize("bad", [{"interval": "2m"}, {"indicators": ["MACD"]}])
def test_nonsense_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, ChartSettings)
