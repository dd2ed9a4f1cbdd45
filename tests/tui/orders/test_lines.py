"""Rows of open orders and the switches under them, at every width."""

from decimal import Decimal

import pytest

from cryptex.protocol.terms import OrderStatus, OrderType, Side, TimeInForce
from cryptex.tui.drawing.panel import Line
from cryptex.tui.model import Terms
from cryptex.tui.orders.lines import guard_at, guards_line, heading, row_line
from cryptex.tui.orders.rows import rows
from cryptex.tui.orders.safeguards import Guard, Safeguards
from cryptex.tui.orders.working import Way, Working
from cryptex.tui.ticket.draft import Draft
from tests.tui.fake_exchange import MARKETS, as_order, order_view

TERMS = Terms.of(MARKETS[0])
DRAFT = Draft("BTC-USDT", Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(100), None, TimeInForce.GTC)
NARROW = 39
CAPS = {Guard.DISCONNECT: "K", Guard.DEAD_MAN: "M"}


def text(line: Line) -> str:
    return "".join(span.text for span in line)


def drawn(width: int, **fields: object) -> str:
    """Return the row of an order."""
    order = as_order(order_view(7, "buy", "61200.00", "0.50000", **fields))
    return text(row_line(rows([order], Working(lambda: None))[0], TERMS, width))


def sent(width: int, way: Way) -> str:
    """Return the row of an order without an id."""
    made = Working(lambda: None)
    made.begin("k", DRAFT)
    made.turn("k", way)
    return text(row_line(rows([], made)[0], TERMS, width))


@pytest.mark.parametrize("width", [50, 76, 120])
def test_a_row_says_where_its_order_is_in_the_words_of_its_phase(width: int) -> None:
    assert "submitting" in sent(width, Way.SUBMITTING)
    assert "unknown" in sent(width, Way.UNKNOWN)
    assert "open" in drawn(width)


def test_only_the_narrowest_row_has_a_shorter_word() -> None:
    assert "sending" in sent(NARROW, Way.SUBMITTING)
    assert "open" in drawn(NARROW)


@pytest.mark.parametrize(("filled", "told"), [("0.10000", "20%"), ("0.00001", "<1%")])
@pytest.mark.parametrize("width", [NARROW, 76, 120])
def test_what_is_filled_of_an_order_is_never_nothing(filled: str, told: str, width: int) -> None:
    fields = {"status": OrderStatus.PARTIALLY_FILLED, "filled": filled}
    assert told in drawn(width, **fields)


@pytest.mark.parametrize("width", [NARROW, 50, 76, 120])
def test_rows_and_headings_are_as_wide_as_their_room(width: int) -> None:
    assert len(drawn(width)) == width
    assert len(text(heading(width))) <= width


@pytest.mark.parametrize("width", [NARROW, 60, 76, 120])
def test_both_switches_are_told_whole_in_every_state_and_width(width: int) -> None:
    guards = Safeguards(seconds=3600)
    seen = [text(guards_line(guards, CAPS, width))]
    for guard in Guard:
        guards.toggle(guard)
    seen.append(text(guards_line(guards, CAPS, width)))  # arming
    for ask in guards.due(0.0, live=True):
        guards.answered(ask, 0.0)
    guards.due(0.0, live=True)
    seen.append(text(guards_line(guards, CAPS, width)))  # on, counting down
    guards.due(1.0, live=False)
    seen.append(text(guards_line(guards, CAPS, width)))  # not confirmed
    guards.due(4000.0, live=False)
    seen.append(text(guards_line(guards, CAPS, width)))  # has fired
    unsure = "unsure" if width == NARROW else "not confirmed"
    for line, word in zip(seen, ("off", "arming", "3600 s", unsure, "fired"), strict=True):
        assert len(line.rstrip()) <= width
        assert word in line
        assert "K " in line
        assert "M " in line


def test_a_click_finds_the_switch_under_it() -> None:
    line = guards_line(Safeguards(), CAPS, NARROW)
    assert guard_at(line, text(line).index("M ")) is Guard.DEAD_MAN
    assert guard_at(line, 38 + len(text(line))) is None
