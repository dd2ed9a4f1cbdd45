"""A REST server with answers prepared in advance, and the views it answers with."""

import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import NamedTuple, Self

import msgspec

from cryptex.protocol.admin import AdminUserList, AdminUserView, DisabledUserView, EndedTokens, MarketStateView
from cryptex.protocol.api_keys import ApiKeyList, ApiKeyView, KeyKind, NewApiKeyView
from cryptex.protocol.audit import AuditEntryView, AuditHead, AuditList
from cryptex.protocol.codec import encode_json
from cryptex.protocol.problems import CATALOGUE, Code, Detail
from cryptex.protocol.terms import (
    EndReason,
    EntryKind,
    Liquidity,
    MarketState,
    OrderStatus,
    OrderType,
    Role,
    Scope,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalReason,
    WithdrawalStatus,
)
from cryptex.protocol.views import (
    BalanceList,
    BalanceView,
    BookView,
    CanceledList,
    CandleList,
    CandleView,
    EndedSessions,
    EntryList,
    EntryView,
    FillList,
    FillView,
    FreshView,
    HealthView,
    MarketList,
    MarketView,
    MeView,
    OpenSessionView,
    OrderList,
    OrderView,
    PostingView,
    RecoveryCodes,
    SecondFactorSecret,
    SecondFactorView,
    SessionList,
    SessionView,
    TickerList,
    TickerView,
    TradeList,
    TradeView,
    UserView,
)
from cryptex.protocol.wallet import (
    AdminWithdrawalList,
    AdminWithdrawalView,
    AllowedAddressView,
    AllowListView,
    DepositAddressList,
    DepositAddressView,
    WithdrawalList,
)
from tests.client.views import WITHDRAWAL

TIME = "2026-11-22T15:40:03.123456Z"


class Seen(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    fields: dict[str, object]
    token: str | None


class Canned:
    """The server. `answers` maps "METHOD /path" (without the query) to (status, body).

    HANG_UP closes the socket; HOLD does so when the server ends, and `holding` tells that it waits.
    """

    HANG_UP = (0, b"")
    HOLD = (1, b"")

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, tuple[int, bytes]] = dict(ANSWERS)
        self.seen: list[Seen] = []
        self.holding = Event()
        self._ended = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"{'http' if context is None else 'https'}://127.0.0.1:{self._server.server_address[1]}"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def refuse(self, route: str, code: Code, detail: str, **details: Detail) -> None:
        """Answer a route with a problem."""
        entry = CATALOGUE[code]
        body = {
            "type": f"/docs/errors#{code.value}",
            "title": entry.title,
            "status": entry.status,
            "code": code,
            "detail": detail,
            "retryable": entry.retryable,
            "suggestion": entry.suggestion,
            **details,
        }
        self.answers[route] = (entry.status, encode_json(body))

    def sent(self, method: str) -> list[Seen]:
        """Return the requests of a method, in order."""
        return [each for each in self.seen if each.method == method]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        canned = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _answer(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fields = msgspec.json.decode(data, type=dict[str, object]) if data else {}
                canned.seen.append(Seen(self.command, self.path, fields, self.headers.get("Authorization")))
                route = f"{self.command} {self.path.partition('?')[0]}"
                status, body = canned.answers.get(route, (404, b'{"code":"not_found","message":"?"}'))
                if (status, body) == Canned.HOLD:
                    canned.holding.set()
                    canned._ended.wait()
                if (status, body) in (Canned.HANG_UP, Canned.HOLD):
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 (http.server's names)

        return Handler


MARKETS = MarketList(
    [
        MarketView("BTC-USDT", "BTC", "USDT", "0.01", "0.00001", "5", "0.0010", "0.0010", None, MarketState.OPEN),
        MarketView(
            "ETH-BTC", "ETH", "BTC", "0.00001", "0.001", "0.0001", "0.0005", "0.0010", "0.5", MarketState.AUCTION
        ),
    ]
)
TICKER = TickerView(
    market="BTC-USDT",
    last="60000.10",
    change="-12.40",
    change_percent="-0.02",
    high="60100.00",
    low="59800.00",
    volume="123456789.12345",
    quote_volume="7407407347.40000000",
    best_bid="60000.00",
    best_ask="60000.20",
    time=TIME,
)
EMPTY_TICKER = TickerView(
    market="ETH-BTC",
    last=None,
    change=None,
    change_percent=None,
    high=None,
    low=None,
    volume="0.000",
    quote_volume="0.00000000",
    best_bid=None,
    best_ask=None,
    time=TIME,
    state=MarketState.AUCTION,
    state_ends_at="2026-11-22T15:45:00.000000Z",
    indicative_price="0.05000",
    indicative_volume="1.000",
)
BOOK = BookView(
    market="BTC-USDT",
    epoch=3,
    sequence=992,
    time=TIME,
    bids=[("60000.00", "0.50000"), ("59999.50", "1.25000")],
    asks=[("60000.20", "0.30000"), ("60001.00", "2.00000")],
    checksum=2813,
)
TRADES = TradeList(
    [TradeView(8, "60000.10", "0.10000", Side.BUY, TIME), TradeView(7, "59999.50", "0.00001", Side.SELL, TIME)], 7
)
ORDER = OrderView(
    id=42,
    user_id=1,
    client_order_id="mine-1",
    market="BTC-USDT",
    side=Side.BUY,
    type=OrderType.LIMIT,
    status=OrderStatus.PARTIALLY_FILLED,
    price="60000.00",
    stop_price=None,
    size="0.50000",
    quote_size=None,
    filled="0.20000",
    remaining="0.30000",
    canceled_size="0.00000",
    average_price="60000.00",
    fees={"BTC": "0.00020000"},
    time_in_force=TimeInForce.GTC,
    expires_at=None,
    post_only=False,
    self_trade_prevention=SelfTradePrevention.CANCEL_NEWEST,
    reason=None,
    reject_code=None,
    created_at=TIME,
    updated_at=TIME,
    sequence=991,
)
SPENT = msgspec.structs.replace(
    ORDER,
    id=41,
    client_order_id=None,
    type=OrderType.MARKET,
    status=OrderStatus.CANCELED,
    price=None,
    size=None,
    quote_size="500.00000000",
    time_in_force=TimeInForce.IOC,
    reason=EndReason.IOC,
)
FILLS = FillList(
    [
        FillView(
            id=5,
            trade_id=8,
            order_id=42,
            client_order_id="mine-1",
            market="BTC-USDT",
            side=Side.BUY,
            liquidity=Liquidity.MAKER,
            price="60000.00",
            size="0.20000",
            fee="0.00020000",
            fee_asset="BTC",
            sequence=991,
            time=TIME,
        )
    ]
)
WALLET = BalanceList(
    [
        BalanceView("BTC", "1.19980000", "0.00000000", "1.19980000"),
        BalanceView("USDT", "88000.00000000", "18000.00000000", "70000.00000000"),
    ]
)
DEPOSIT = EntryView(
    9, EntryKind.DEPOSIT, "ref-9", 990, TIME, (PostingView("USDT", "available", "500.00000000", "88000.00000000"),)
)
HOLD = EntryView(
    8,
    EntryKind.HOLD,
    "order 42",
    989,
    TIME,
    (
        PostingView("USDT", "available", "-30000.00000000", "70000.00000000"),
        PostingView("USDT", "held", "30000.00000000", "30000.00000000"),
    ),
)
ALLOWED = AllowedAddressView(1, "USDT", "there", "savings", TIME, TIME)
WAITING = AdminWithdrawalView(
    3, 2, "mallory", "USDT", "60000.00000000", "there", WithdrawalStatus.REQUESTED, None, TIME, TIME, None
)
CANCELED_WITHDRAWAL = msgspec.structs.replace(
    WITHDRAWAL, status=WithdrawalStatus.CANCELED, reason=WithdrawalReason.USER, reference=None
)
CONFIRMED_WITHDRAWAL = msgspec.structs.replace(
    WITHDRAWAL, id=2, status=WithdrawalStatus.CONFIRMED, txid="ab" * 32, height=7, confirmations=3
)
CANDLES = CandleList(
    [
        CandleView("2026-11-22T15:40:00.000000Z", "60000.00", "60000.10", "59999.50", "60000.10", "0.10001", 2),
        CandleView("2026-11-22T15:38:00.000000Z", "59990.00", "60000.00", "59990.00", "60000.00", "1.00000", 1),
    ],
    "2026-11-22T15:38:00.000000Z",
)
SCOPES = (Scope.READ, Scope.TRADE)
MALLORY = AdminUserView(2, "mallory", Role.TRADER, TIME, TIME, 0, 2)
USER = UserView(1, "alice", None, TIME)

ANSWERS: dict[str, tuple[int, bytes]] = {
    route: (200, encode_json(view))
    for route, view in {
        "GET /markets": MARKETS,
        "GET /market_data": TickerList([TICKER, EMPTY_TICKER]),
        "GET /markets/BTC-USDT/ticker": TICKER,
        "GET /markets/BTC-USDT/book": BOOK,
        "GET /markets/BTC-USDT/trades": TRADES,
        "GET /orders": OrderList([ORDER, SPENT], 41),
        "GET /orders/42": ORDER,
        "GET /orders/by-client-id/mine-1": ORDER,
        "POST /orders": ORDER,
        "PATCH /orders/42": ORDER,
        "DELETE /orders/42": ORDER,
        "DELETE /orders": CanceledList([42, 43]),
        "GET /fills": FILLS,
        "GET /wallet": WALLET,
        "POST /wallet/deposits": DEPOSIT,
        "GET /wallet/entries": EntryList([DEPOSIT, HOLD]),
        "POST /wallet/withdrawals": WITHDRAWAL,
        "GET /wallet/withdrawals": WithdrawalList([WITHDRAWAL, CONFIRMED_WITHDRAWAL]),
        "GET /wallet/withdrawals/2": CONFIRMED_WITHDRAWAL,
        "GET /wallet/withdrawals/3": WITHDRAWAL,
        "DELETE /wallet/withdrawals/3": CANCELED_WITHDRAWAL,
        "GET /wallet/allow_list": AllowListView(True, None, [ALLOWED]),
        "PATCH /wallet/allow_list": AllowListView(True, TIME, [ALLOWED]),
        "POST /wallet/allow_list": ALLOWED,
        "DELETE /wallet/allow_list/1": {},
        "GET /admin/withdrawals": AdminWithdrawalList([WAITING]),
        "POST /admin/withdrawals/3/approve": WAITING,
        "POST /admin/withdrawals/3/reject": WAITING,
        "GET /wallet/addresses": DepositAddressList(
            [
                DepositAddressView("BTC", "cxbtc1qqqsyqcyq5rqwzqfpg9scrgwpuc4arwd"),
                DepositAddressView("USDT", "cxusdt1"),
            ]
        ),
        "GET /markets/BTC-USDT/candles": CANDLES,
        "POST /api_keys": NewApiKeyView(2, "bot", SCOPES, TIME, None, None, KeyKind.BEARER, None, (), "cxk_secret"),
        "GET /api_keys": ApiKeyList(
            [
                ApiKeyView(2, "bot", SCOPES, TIME, None, None, KeyKind.BEARER, None, ()),
                ApiKeyView(
                    1, "old, one", (Scope.READ,), TIME, TIME, TIME, KeyKind.ED25519, "QUJD", ("192.0.2.0/24", "::1/128")
                ),
            ]
        ),
        "DELETE /api_keys/2": {},
        "POST /users": USER,
        "POST /sessions": SessionView("secret-token", 1, "alice", TIME),
        "DELETE /sessions/current": {},
        "GET /sessions": SessionList(
            [
                OpenSessionView("3f2a9c0d1b4e5f60", TIME, TIME, TIME, True),
                OpenSessionView("00aa00bb00cc00dd", TIME, TIME, TIME, False),
            ]
        ),
        "DELETE /sessions": EndedSessions(1),
        "DELETE /sessions/00aa00bb00cc00dd": {},
        "POST /users/me/password": {},
        "POST /sessions/current/reauthentication": FreshView(TIME),
        "GET /users/me/second_factor": SecondFactorView(True, TIME, 9),
        "POST /users/me/second_factor": SecondFactorSecret("ABCDEFGH", "otpauth://totp/cryptex:alice?secret=ABCDEFGH"),
        "POST /users/me/second_factor/confirmation": RecoveryCodes(["aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"]),
        "POST /users/me/second_factor/recovery_codes": RecoveryCodes(["aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"]),
        "DELETE /users/me/second_factor": {},
        "GET /admin/users": AdminUserList([MALLORY], 2),
        "POST /admin/users/mallory/disable": DisabledUserView(MALLORY, 2, 3, 1),
        "POST /admin/users/mallory/enable": MALLORY,
        "DELETE /admin/users/mallory/sessions": EndedTokens(2),
        "POST /admin/markets/BTC-USDT/halt": MarketStateView("BTC-USDT", MarketState.HALTED, TIME),
        "POST /admin/markets/BTC-USDT/open": MarketStateView("BTC-USDT", MarketState.OPEN, None),
        "POST /admin/markets/BTC-USDT/auction": MarketStateView("BTC-USDT", MarketState.AUCTION, TIME),
        "GET /admin/audit": AuditList(
            [
                AuditEntryView(9, TIME, 1, "alice", "user_disabled", "mallory", "10.0.0.1", {"reason": "stolen"}, "f0"),
                AuditEntryView(8, TIME, None, None, "login_failed", "mallory", "", {"more": 7}, "e0"),
                AuditEntryView(7, TIME, 0, None, "role_given", "alice", "", {"role": "admin"}, "d0"),
            ],
            AuditHead(9, "f0"),
            7,
        ),
        "GET /users/me": MeView(1, "alice", "a@example.org", TIME, ("read", "trade", "withdraw")),
        "GET /health/live": HealthView("live", 3, 992, "0.1.0"),
        "GET /health/ready": HealthView("ready", 3, 992, "0.1.0"),
    }.items()
}
for made in ("POST /wallet/deposits", "POST /wallet/withdrawals"):
    ANSWERS[made] = (201, ANSWERS[made][1])
