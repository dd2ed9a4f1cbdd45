"""Rows of orders: one each, from the moment an order is sent, whatever comes first."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cryptex.client.models import Order
from cryptex.protocol.terms import OrderStatus, OrderType, Side, TimeInForce
from cryptex.tui.orders.rows import rows
from cryptex.tui.orders.working import REJECTED_MAX, Amendment, Wanted, Way, Working
from cryptex.tui.ticket.draft import Draft
from tests.tui.fake_exchange import MOMENT, as_order, order_view

DRAFT = Draft("BTC-USDT", Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(100), None, TimeInForce.GTC)


def order(sequence: int = 10, key: str | None = "k", **fields: object) -> Order:
    return as_order(order_view(1, "buy", "100", "1", client_order_id=key, sequence=sequence, **fields))


def working() -> Working:
    return Working(lambda: None)


def seen(made: Working, *opened: Order) -> list[tuple[str, str]]:
    return [(row.key, row.status) for row in rows(opened, made)]


def test_a_row_from_the_key_press_to_the_open_order() -> None:
    made = working()
    made.begin("k", DRAFT)
    assert seen(made) == [("k", "submitting")]
    made.land("k", order())
    assert seen(made) == [("k", "open")]
    made.settle([order()], 10)
    assert seen(made, order()) == [("k", "open")]


def test_the_channel_may_be_first() -> None:
    made = working()
    made.begin("k", DRAFT)
    made.settle([order()], 10)
    assert seen(made, order()) == [("k", "open")]
    filled = order(11, status=OrderStatus.FILLED)
    made.settle([], 11)
    made.land("k", order())
    assert seen(made) == []
    assert filled.sequence == 11


def test_a_reply_is_shown_until_the_channel_has_passed_it() -> None:
    made = working()
    made.settle([order()], 10)
    made.hear(order(12, status=OrderStatus.CANCELED))
    assert seen(made, order()) == []
    made.settle([order(11)], 11)
    assert seen(made, order(11)) == []
    made.settle([], 12)
    assert seen(made) == []


def test_a_rejected_row_stays_until_it_is_tried_again_put_away_or_another_is_taken() -> None:
    made = working()
    made.begin("a", DRAFT)
    made.turn("a", Way.REJECTED, "size")
    assert (made.rejected and made.rejected.field) == "size"
    made.begin("b", DRAFT)
    assert seen(made) == [("b", "submitting")]
    made.turn("b", Way.REJECTED)
    made.drop("b")
    assert seen(made) == []
    made.begin("c", DRAFT)
    made.turn("c", Way.REJECTED)
    made.land("d", order(key="d"))
    assert seen(made) == [("d", "open")]


def test_the_channel_ends_the_unknown_that_nobody_asks_for() -> None:
    made = working()
    for key in ("k", "other"):
        made.begin(key, DRAFT)
        made.turn(key, Way.UNKNOWN)
    made.settle([order()], 10)
    assert seen(made) == [("other", "unknown"), ("k", "unknown")]
    for key in ("k", "other"):
        made.leave(key)
    made.settle([order()], 10)
    assert seen(made) == [("other", "unknown")]


def test_the_same_order_on_its_way_is_found_whatever_its_expiry() -> None:
    made = working()
    made.begin("k", replace(DRAFT, expires_at=MOMENT))
    assert made.unanswered(DRAFT)
    assert not made.unanswered(replace(DRAFT, size=Decimal(2)))
    made.turn("k", Way.UNKNOWN)
    assert made.unanswered(DRAFT)
    made.turn("k", Way.REJECTED)
    assert not made.unanswered(DRAFT)


def test_only_the_order_that_was_sent_last_is_tried_again_without_its_row() -> None:
    made = working()
    for size in (1, 2):
        made.begin(str(size), replace(DRAFT, size=Decimal(size)))
        made.turn(str(size), Way.REJECTED)
    assert made.rejected is not None
    assert made.rejected.key == "2"
    made.drop("2")
    assert made.rejected is None


def test_rejected_rows_are_few() -> None:
    made = working()
    for price in range(REJECTED_MAX + 3):
        made.begin(str(price), Draft("M", Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(price), None, TimeInForce.GTC))
        made.turn(str(price), Way.REJECTED)
    assert [key for key, _ in seen(made)] == ["7", "6", "5", "4", "3"]


def test_states_of_an_open_order() -> None:
    made = working()
    made.mark_amending(1, Amendment(Wanted(Decimal(101), None, Decimal(1))))
    (row,) = rows([order()], made)
    assert (row.status, row.price) == ("amending", 101)
    made.mark_amending(1, Amendment((row.order and Wanted.of(row.order)) or Wanted(None, None, None), unknown=True))
    assert seen(made, order()) == [("k", "unknown")]
    made.mark_canceling([1])
    assert seen(made, order()) == [("k", "canceling")]
    made.settle([], 11)
    assert made.canceling == frozenset()


@given(st.permutations(["reply", "open", "partial"]), st.booleans())
def test_never_doubled_whatever_the_order_of_news(news: list[str], keyed: bool) -> None:
    """A reply and two messages of the channel, which keep their own order, in any mixture."""
    if news.index("partial") < news.index("open"):
        return
    key = "k" if keyed else None
    made = working()
    made.begin("k", DRAFT)
    opened: list[Order] = []
    for what in news:
        if what == "reply":
            made.land("k", order(10, key))
        else:
            sequence = 10 if what == "open" else 12
            status = OrderStatus.OPEN if what == "open" else OrderStatus.PARTIALLY_FILLED
            opened = [order(sequence, key, status=status)]
            made.settle(opened, sequence)
        if keyed:
            assert len(rows(opened, made)) == 1
    assert [row.status for row in rows(opened, made)] == ["partial"]
