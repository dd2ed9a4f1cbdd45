"""What is said of orders when one leaves is what the switches will do."""

from decimal import Decimal

import pytest

from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.tui.orders.leaving import farewell
from cryptex.tui.orders.safeguards import Guard, Safeguards
from cryptex.tui.orders.working import Way, Working
from cryptex.tui.ticket.draft import Draft

DRAFT = Draft("BTC-USDT", Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(100), None, TimeInForce.GTC)
ALICE = ("http://127.0.0.1:7070", "alice")


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ((), "Open orders stay open."),
        ((Guard.DISCONNECT,), "Cancel on disconnect cancels the orders that were placed under it."),
        ((Guard.DEAD_MAN,), "The dead man's switch cancels all open orders within 60 s."),
        (tuple(Guard), "The dead man's switch cancels all open orders within 60 s."),
    ],
)
def test_what_becomes_of_open_orders(on: tuple[Guard, ...], told: str) -> None:
    guards = Safeguards()
    for guard in on:
        guards.toggle(guard)
    assert farewell(guards, Working(lambda: None), ALICE).sentence == told


def test_orders_without_an_answer_are_told_of_and_rejected_ones_are_not() -> None:
    working = Working(lambda: None)
    assert farewell(Safeguards(), working, ALICE).unanswered == ""
    for key in ("a", "b", "c"):
        working.begin(key, DRAFT)
    working.turn("a", Way.REJECTED)
    working.turn("b", Way.UNKNOWN)
    told = farewell(Safeguards(), working, ALICE)
    assert [flight.key for flight in told.flights] == ["b", "c"]
    assert told.unanswered == "What became of 2 orders that you sent is not known yet."
    working.drop("b")
    assert "an order that you sent" in farewell(Safeguards(), working, ALICE).unanswered
