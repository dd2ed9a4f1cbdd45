"""The pure model: versions, and what the connection is called."""

from decimal import Decimal

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.desk.part import Part
from cryptex.tui.ladder.queue import Place
from cryptex.tui.model import ACTIVITY_MAX, STALE_AFTER_S, Link, TerminalModel, Tone
from tests.tui.fake_exchange import MARKETS, as_order, order_view


def model() -> TerminalModel:
    made = TerminalModel()
    made.set_markets(MARKETS)
    return made


def level(price: str, size: str = "1") -> Level:
    return Level(Decimal(price), Decimal(size))


def test_first_market_is_chosen_and_terms_know_their_decimals() -> None:
    made = model()
    assert made.market == "BTC-USDT"
    assert made.trading is not None
    assert (made.trading.price_places, made.trading.size_places) == (2, 5)
    assert made.terms["ETH-BTC"].price_places == 5


def test_equal_book_changes_no_version() -> None:
    made = model()
    made.set_book([level("1")], [level("2")])
    before = made.versions[Part.LADDER]
    made.set_book([level("1")], [level("2")])
    assert made.versions[Part.LADDER] == before
    made.set_book([level("1", "2")], [level("2")])
    assert made.versions[Part.LADDER] == before + 1


def test_choosing_a_market_forgets_the_old_book() -> None:
    made = model()
    made.set_book([level("1")], [level("2")])
    made.choose("ETH-USDT")
    assert made.depth is None
    assert made.trades is None


def test_orders_are_shown_newest_first() -> None:
    made = model()
    made.set_orders(as_order(order_view(i, "buy", "10", "1")) for i in (1, 3, 2))
    assert [order.id for order in made.orders or ()] == [3, 2, 1]


def test_the_ladder_is_drawn_when_own_orders_moved_in_their_queues() -> None:
    made = model()
    place = Place(1, Side.BUY, Decimal(10), Decimal(1), Decimal(5))
    for places, moved in (((place,), 1), ((place,), 0), ((place._replace(ahead=Decimal(4)),), 1)):
        before = made.versions[Part.LADDER]
        made.set_places(places)
        assert made.versions[Part.LADDER] == before + moved


def test_connection_names() -> None:
    made = model()
    assert made.connection("connecting", False, 0).link is Link.CONNECTING
    assert made.connection("live", False, 0).link is Link.CONNECTING
    made.set_book([], [])
    made.heard(10)
    assert made.connection("live", True, 11).link is Link.LIVE
    assert made.connection("live", False, 11) == (Link.STALE, 1, None)
    assert made.connection("live", True, 10 + STALE_AFTER_S + 0.1) == (Link.STALE, 6, None)
    assert made.connection("reconnecting", False, 13) == (Link.RECONNECTING, 3, None)
    assert made.connection("closed", False, 75) == (Link.OFFLINE, 65, None)


def test_hearing_never_goes_back() -> None:
    made = model()
    made.heard(10)
    made.heard(9)
    assert made.last_heard_s == 10


def test_activity_is_bounded_and_plain() -> None:
    made = model()
    for _ in range(ACTIVITY_MAX + 5):
        made.note("00:00:00", Tone.PLAIN, "a\x1b[2J\nb")
    assert len(made.activity) == ACTIVITY_MAX
    assert made.activity[0].text == "a·[2J·b"
