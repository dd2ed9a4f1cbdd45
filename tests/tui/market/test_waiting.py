"""What panels say while there is nothing to show, and on a node that has no markets."""

import pytest

from cryptex.tui.chart.chart import Chart
from cryptex.tui.drawing.panel import Drawn
from cryptex.tui.keys.keymap import DEFAULT
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.market.market_list import MarketList
from cryptex.tui.market.tape import Tape
from cryptex.tui.model import TerminalModel

PANELS = (MarketList, Tape, Ladder, Chart)


def told(panel: Drawn) -> str:
    return "\n".join("".join(span.text for span in line).strip() for line in panel.lines(50, 12))


@pytest.mark.parametrize("kind", PANELS)
def test_a_panel_waits_until_the_node_has_said_that_it_has_no_markets(kind: type) -> None:
    model = TerminalModel()
    model.cap_of = DEFAULT.cap_of
    panel = kind(model)
    assert "waiting for" in told(panel)
    before = model.versions[panel.id]
    model.set_markets([])
    assert told(panel).endswith("this node has no markets\nu leads to another node")
    assert model.versions[panel.id] > before, "else it is not drawn anew"
