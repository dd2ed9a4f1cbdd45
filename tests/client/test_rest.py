"""REST: paths, forms, models, problems, and what is known when an answer is lost."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cryptex.client import transport
from cryptex.client.errors import (
    AccessError,
    InvalidRequestError,
    NodeUnreachableError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)
from cryptex.client.rest import RestClient
from cryptex.protocol.api_keys import ApiKeyList, ApiKeyView, KeyKind, NewApiKeyView
from cryptex.protocol.problems import CATALOGUE, Code
from cryptex.protocol.terms import EntryKind, MarketState, Scope
from cryptex.protocol.views import (
    AssetList,
    AssetView,
    BalanceList,
    BalanceView,
    BookView,
    CanceledList,
    CandleList,
    CandleView,
    EntryList,
    EntryView,
    FillList,
    HealthView,
    MarketDataView,
    MarketList,
    MarketView,
    MeView,
    OrderList,
    PostingView,
    SessionView,
    TickerList,
    TickerView,
    TradeList,
    UserView,
)
from cryptex.protocol.wallet import (
    AllowedAddressView,
    AllowListView,
    DepositAddressList,
    DepositAddressView,
    WithdrawalList,
)
from tests.client.fake_node import FakeRest, Page
from tests.client.views import TIME, WITHDRAWAL, order_view

ORDER = order_view()
TICKER = TickerView("BTC-USDT", "5.00", None, None, None, None, "0", "0", None, "6.00", TIME)
BOOK = BookView("BTC-USDT", 1, 2, TIME, [("1.00", "2")], [], 3)
ENTRY = EntryView(4, EntryKind.DEPOSIT, "ref", 9, TIME, (PostingView("USDT", "available", "5", "7"),))
MARKET = MarketView("BTC-USDT", "BTC", "USDT", "0.01", "0.00001", "5", "0.0010", "0.0010", None, MarketState.OPEN)
KEY = ApiKeyView(3, "bot", (Scope.READ, Scope.TRADE), TIME, None, TIME, KeyKind.BEARER, None, ())
NEW_KEY = NewApiKeyView(3, "bot", (Scope.READ,), TIME, TIME, None, KeyKind.BEARER, None, (), "hidden")
ALLOWED = AllowedAddressView(1, "BTC", "x", "", TIME, TIME)
CANDLE = CandleView(TIME, "1", "2", "1", "2", "5", 3)


@pytest.fixture(name="node")
def _node() -> Iterator[FakeRest]:
    with FakeRest() as node:
        yield node


@pytest.mark.parametrize(
    ("route", "view", "call", "path"),
    [
        ("GET /users/me", MeView(1, "john", None, TIME, ("read",)), lambda c: c.me().scopes[0], "/users/me"),
        ("POST /users", UserView(1, "john", None, TIME), lambda c: c.register("john", "pw", "a@b").username, "/users"),
        ("POST /orders", ORDER, lambda c: c.place_order("BTC-USDT", "buy", 1, price=2).price, "/orders"),
        ("PATCH /orders/7", ORDER, lambda c: c.amend_order(7, size="1").size, "/orders/7"),
        ("DELETE /orders/7", ORDER, lambda c: c.cancel_order(7).id, "/orders/7"),
        ("DELETE /orders", CanceledList([1, 2]), lambda c: c.cancel_all("M")[1], "/orders?market=M"),
        ("DELETE /orders", CanceledList([]), lambda c: c.cancel_all(), "/orders"),
        (
            "GET /orders",
            OrderList([ORDER], 6),
            lambda c: c.orders(status="open", limit=5, before=9).next,
            "/orders?status=open&limit=5&before=9",
        ),
        ("GET /orders/7", ORDER, lambda c: c.order(7).fees, "/orders/7"),
        (
            "GET /orders/by-client-id/a%2Fb%20c",
            ORDER,
            lambda c: c.order_by_client_id("a/b c").id,
            "/orders/by-client-id/a%2Fb%20c",
        ),
        ("GET /fills", FillList([]), lambda c: c.fills(order_id=3), "/fills?order_id=3"),
        ("GET /wallet", BalanceList([BalanceView("BTC", "3", "1", "2")]), lambda c: c.wallet()[0].held, "/wallet"),
        ("POST /wallet/deposits", ENTRY, lambda c: c.deposit("USDT", "5").postings[0].change, "/wallet/deposits"),
        (
            "POST /wallet/withdrawals",
            WITHDRAWAL,
            lambda c: c.withdraw("USDT", "5", "bc1q").postings[0].change,
            "/wallet/withdrawals",
        ),
        ("GET /wallet/withdrawals/3", WITHDRAWAL, lambda c: c.withdrawal(3).amount, "/wallet/withdrawals/3"),
        ("DELETE /wallet/withdrawals/3", WITHDRAWAL, lambda c: c.cancel_withdrawal(3).is_live, "/wallet/withdrawals/3"),
        (
            "GET /wallet/withdrawals",
            WithdrawalList([WITHDRAWAL]),
            lambda c: c.withdrawals(status="approved", limit=1)[0].status,
            "/wallet/withdrawals?status=approved&limit=1",
        ),
        (
            "GET /wallet/allow_list",
            AllowListView(True, None, [ALLOWED]),
            lambda c: c.allow_list().addresses[0].usable_at,
            "/wallet/allow_list",
        ),
        (
            "PATCH /wallet/allow_list",
            AllowListView(True, TIME, []),
            lambda c: c.switch_allow_list(False).ends_at,
            "/wallet/allow_list",
        ),
        ("POST /wallet/allow_list", ALLOWED, lambda c: c.allow_address("BTC", "x").id, "/wallet/allow_list"),
        ("DELETE /wallet/allow_list/1", {}, lambda c: c.disallow_address(1), "/wallet/allow_list/1"),
        (
            "GET /wallet/addresses",
            DepositAddressList([DepositAddressView("BTC", "cxbtc1q")]),
            lambda c: c.deposit_addresses("BTC")[0].address,
            "/wallet/addresses?asset=BTC",
        ),
        ("POST /api_keys", NEW_KEY, lambda c: c.create_key("bot", ["read"], TIME).secret, "/api_keys"),
        ("GET /api_keys", ApiKeyList([KEY]), lambda c: c.keys()[0].last_used_at, "/api_keys"),
        ("GET /wallet/entries", EntryList([ENTRY]), lambda c: c.entries(limit=1)[0].kind, "/wallet/entries?limit=1"),
        ("GET /markets", MarketList([MARKET]), lambda c: c.markets()[0].maker_fee, "/markets"),
        ("GET /assets", AssetList([AssetView("BTC", "Bitcoin", 8)]), lambda c: c.assets()[0].decimals, "/assets"),
        (
            "GET /market_data",
            MarketDataView("BTC-USDT", TICKER, [("1", "2")], [], 1, TIME),
            lambda c: c.market_data("BTC-USDT", 10).bids[0].price,
            "/market_data?market=BTC-USDT&depth=10",
        ),
        ("GET /market_data", TickerList([TICKER]), lambda c: c.tickers()[0].best_ask, "/market_data"),
        ("GET /markets/BTC-USDT/ticker", TICKER, lambda c: c.ticker("btc/usdt").last, "/markets/BTC-USDT/ticker"),
        ("GET /markets/BTC-USDT/book", BOOK, lambda c: c.book("BTC-USDT").checksum, "/markets/BTC-USDT/book?depth=25"),
        ("GET /markets/BTC-USDT/trades", TradeList([], 3), lambda c: c.trades("BTC-USDT"), "/markets/BTC-USDT/trades"),
        (
            "GET /markets/BTC-USDT/candles",
            CandleList([CANDLE], TIME),
            lambda c: c.candles("BTC-USDT", "5m", before=TIME).next,
            "/markets/BTC-USDT/candles?interval=5m&before=2026-11-22T15%3A40%3A03.123456Z",
        ),
        ("GET /health/ready", HealthView("ready", 1, 2, "0.1"), lambda c: c.health().epoch, "/health/ready"),
    ],
)
def test_each_method_is_one_request(
    node: FakeRest, route: str, view: object, call: Callable[[RestClient], object], path: str
) -> None:
    node.answer(route, view, 201)
    call(RestClient(node.url, "token"))
    [got] = node.got
    assert (f"{got.method} {got.path}", got.authorization) == (f"{route.split(maxsplit=1)[0]} {path}", "Bearer token")


def test_an_order_goes_out_as_text_and_comes_back_as_decimal(node: FakeRest) -> None:
    node.answer("POST /orders", ORDER, 201)
    order = RestClient(node.url).place_order("BTC-USDT", "buy", Decimal("0.5"), price="45000", client_order_id="key")
    assert msgspec.json.decode(node.got[0].body) == {
        "market": "BTC-USDT",
        "side": "buy",
        "type": "limit",
        "size": "0.5",
        "price": "45000",
        "client_order_id": "key",
    }
    assert node.got[0].authorization is None
    assert order.price == Decimal("45000.00")
    assert order.created_at.microsecond == 123456
    assert order.is_open


def test_the_token_is_used_and_never_shown(node: FakeRest) -> None:
    node.answer("POST /sessions", SessionView("hidden", 1, "john", TIME), 201)
    node.pages["DELETE /sessions/current"] = Page(204, b"")
    client = RestClient(node.url)
    session = client.login("john", "password123")
    assert session.token == client.token == "hidden"
    assert "hidden" not in f"{session!r} {session} {session.__rich_repr__()} {client!r} {vars(client)['_transport']!r}"
    client.logout()
    assert node.got[1].authorization == "Bearer hidden"
    assert client.token is None


def test_the_secret_of_a_key_is_given_and_never_shown(node: FakeRest) -> None:
    node.answer("POST /api_keys", NEW_KEY, 201)
    node.pages["DELETE /api_keys/3"] = Page(204, b"")
    client = RestClient(node.url, "token")
    key = client.create_key("bot", (Scope.READ, "trade"))
    assert msgspec.json.decode(node.got[0].body) == {"label": "bot", "scopes": ["read", "trade"]}
    assert (key.id, key.secret) == (3, "hidden")
    assert "hidden" not in f"{key!r} {key} {key.__rich_repr__()} {NEW_KEY}"
    client.revoke_key(key.id)
    assert [got.method for got in node.got] == ["POST", "DELETE"]


def test_logins_are_listed_and_ended_and_the_password_changed(node: FakeRest) -> None:
    seen = {"id": "3f2a", "created_at": TIME, "last_used_at": TIME, "expires_at": TIME, "current": True}
    node.answer("GET /sessions", {"sessions": [seen]})
    node.answer("DELETE /sessions", {"ended": 2})
    node.pages["DELETE /sessions/3f2a"] = node.pages["POST /users/me/password"] = Page(204, b"")
    client = RestClient(node.url, "token")
    [session] = client.sessions()
    client.revoke_session(session.id)
    assert client.end_other_sessions() == 2
    client.change_password("old password", "new password")
    assert msgspec.json.decode(node.got[-1].body) == {"password": "old password", "new_password": "new password"}


def test_an_order_is_canceled_by_its_client_order_id(node: FakeRest) -> None:
    node.answer("GET /orders/by-client-id/key", ORDER)
    node.answer("DELETE /orders/7", ORDER)
    client = RestClient(node.url)
    assert client.cancel_order(client_order_id="key").id == 7
    with pytest.raises(InvalidRequestError):
        client.cancel_order()


def test_a_problem_is_raised_with_its_details(node: FakeRest) -> None:
    entry = CATALOGUE[Code.INSUFFICIENT_FUNDS]
    page: dict[str, Any] = {"code": "insufficient_funds", "detail": "too little", "status": 422, "required": "5"}
    page |= {"suggestion": entry.suggestion, "retryable": False, "order_id": 9}
    node.answer("POST /orders", page, 422)
    with pytest.raises(RefusedError, match="too little") as caught:
        RestClient(node.url).place_order("BTC-USDT", "buy", 1)
    assert caught.value.details == {"required": "5", "order_id": 9}


def test_nothing_was_sent_to_a_node_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = RestClient(f"http://127.0.0.1:{port}")
    for call in (client.markets, lambda: client.place_order("BTC-USDT", "buy", 1)):
        with pytest.raises(NodeUnreachableError, match="cannot reach"):
            call()


@pytest.mark.parametrize("page", [Page(cut=True), Page(promised=99), Page(body=b"<html>"), Page(body=b"[]")])
def test_an_answer_that_is_lost_or_unreadable(node: FakeRest, page: Page) -> None:
    routes = ("GET /markets", "POST /sessions", "POST /orders", "POST /wallet/deposits", "POST /wallet/withdrawals")
    node.pages = dict.fromkeys(routes, page)
    client = RestClient(node.url, timeout_s=0.5)
    for read in (client.markets, lambda: client.login("john", "password123")):
        with pytest.raises(UnavailableError):
            read()
    with pytest.raises(OutcomeUnknownError) as caught:
        client.place_order("BTC-USDT", "buy", 1, client_order_id="key")
    assert caught.value.client_order_id == "key"
    with pytest.raises(OutcomeUnknownError) as caught:
        client.deposit("USDT", 1, "ref")
    assert caught.value.details == {"reference": "ref"}
    with pytest.raises(OutcomeUnknownError) as caught:
        client.withdraw("USDT", 1, "bc1q", "ref")
    assert caught.value.details == {"reference": "ref"}


def test_an_answer_that_is_late(node: FakeRest) -> None:
    hang = threading.Event()
    node.pages = {"GET /markets": Page(hang=hang), "DELETE /orders/7": Page(hang=hang)}
    client = RestClient(node.url, timeout_s=0.05)
    with pytest.raises(NodeUnreachableError):
        client.markets()
    with pytest.raises(OutcomeUnknownError):
        client.cancel_order(7)
    hang.set()


def test_an_answer_that_trickles_is_late_too(node: FakeRest) -> None:
    times = iter([0.0, 11.0])
    node.answer("GET /markets", {})
    with pytest.raises(NodeUnreachableError, match="timed out"):
        transport.Transport(node.url, 10, lambda: next(times)).send("GET", "/markets", None, {}, changes=False)


def test_an_answer_is_bounded(node: FakeRest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_BYTES_MAX", 3)
    node.answer("GET /markets", [1, 2, 3])
    with pytest.raises(NodeUnreachableError, match="larger than 3 bytes"):
        RestClient(node.url).markets()


def test_what_a_proxy_says_leaves_the_outcome_unknown(node: FakeRest) -> None:
    node.pages = {"POST /orders": Page(502, b"<html>"), "GET /markets": Page(502, b"<html>")}
    client = RestClient(node.url)
    with pytest.raises(OutcomeUnknownError):
        client.place_order("BTC-USDT", "buy", 1)
    with pytest.raises(UnavailableError):
        client.markets()
    node.pages = {"GET /markets": Page(401, b"")}
    with pytest.raises(AccessError):
        client.markets()


@pytest.mark.parametrize("url", ["", "127.0.0.1:7070", "ftp://host", "http://", "http://host:99999"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(InvalidRequestError, match="looks like"):
        RestClient(url)


def test_the_command_line_pays_for_no_event_loop() -> None:
    script = (
        "import sys, cryptex.client.rest, cryptex.client.session\n"
        "heavy = {'asyncio', 'websockets', 'keyring', 'sortedcontainers', 'platformdirs'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "import cryptex.client\n"
        "for name in cryptex.client.__all__: getattr(cryptex.client, name)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_there_is_nothing_else_in_the_package() -> None:
    import cryptex.client

    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = cryptex.client.Nothing
