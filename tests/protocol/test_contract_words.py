"""The words that other people's tools are written against: fields, codes, paths, methods and channels.

The documents and the SDK follow the structs, so a renamed field would follow everywhere; here it is held against what
was promised. Fields may be added, never renamed or removed.
"""

from typing import get_args

import msgspec
import pytest

from cryptex.protocol import channels, views
from cryptex.protocol.api_keys import ApiKeyForm, ApiKeyList, ApiKeyView, NewApiKeyView
from cryptex.protocol.problems import CATALOGUE, Code, ExitCode, Problem
from cryptex.protocol.requests import (
    BOOK_DEPTHS,
    MESSAGE_BYTES_MAX,
    AmendForm,
    AmendParams,
    CancelAfterParams,
    CancelOnDisconnectParams,
    Channel,
    DepositForm,
    LoginParams,
    OrderRef,
    PlaceForm,
    RegisterForm,
    Request,
    SessionForm,
    SimplePlaceForm,
    Since,
    SubscribeParams,
    WithdrawalForm,
)
from cryptex.protocol.terms import (
    EndReason,
    Interval,
    OrderStatus,
    OrderType,
    Scope,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

ORDER_IN = (
    "market side type size quote_size price stop_price time_in_force expires_at post_only self_trade_prevention "
    "client_order_id"
)
ORDER_OUT = (
    "id user_id status filled remaining average_price fees canceled_size reason reject_code duplicate created_at "
    "updated_at sequence"
)
REASONS = (
    "filled user ioc fok no_liquidity price_band self_trade expired disconnected dead_man insufficient_funds halted "
    "admin"
)
MESSAGE = "channel type epoch sequence prev time"

FIELDS: dict[type[msgspec.Struct], str] = {
    RegisterForm: "username password email",
    SessionForm: "username password",
    ApiKeyForm: "label scopes expires_at",
    DepositForm: "asset amount reference",
    WithdrawalForm: "asset amount address",
    PlaceForm: ORDER_IN,
    SimplePlaceForm: "user_id cryptocurrency amount price side",
    AmendForm: "price size",
    AmendParams: "id client_order_id price size",
    OrderRef: "id client_order_id",
    CancelAfterParams: "seconds",
    CancelOnDisconnectParams: "enabled",
    LoginParams: "token",
    SubscribeParams: "channel markets depth interval since",
    Since: "epoch sequence",
    Request: "id method params",
    views.UserView: "id username email created_at",
    views.MeView: "id username scopes",
    views.SessionView: "token user_id username expires_at",
    ApiKeyView: "id label scopes expires_at",
    NewApiKeyView: "id label scopes secret",
    views.OrderView: f"{ORDER_IN} {ORDER_OUT}",
    views.SimpleOrderView: "id user_id cryptocurrency amount price created_at",
    views.FillView: "id trade_id order_id client_order_id market side liquidity price size fee fee_asset sequence time",
    views.BalanceView: "asset balance held available",
    views.EntryView: "id kind reference sequence time postings",
    views.PostingView: "asset account change balance",
    views.MarketView: "market base quote tick_size lot_size min_notional maker_fee taker_fee price_band state",
    views.AssetView: "symbol name decimals",
    views.TickerView: "market last change change_percent high low volume quote_volume best_bid best_ask time "
    "state state_ends_at indicative_price indicative_volume",
    views.BookView: "market epoch sequence time bids asks checksum",
    views.MarketDataView: "market ticker bids asks sequence time",
    views.TradeView: "id price size side time",
    views.CandleView: "time open high low close volume trades",
    views.OrderList: "orders next",
    views.FillList: "fills next",
    views.TradeList: "trades next",
    views.CandleList: "candles next",
    views.EntryList: "entries next",
    views.BalanceList: "balances",
    views.CanceledList: "canceled",
    views.MarketList: "markets",
    views.AssetList: "assets",
    views.TickerList: "tickers",
    ApiKeyList: "api_keys",
    views.ProblemView: "type title status code detail retryable suggestion",
    channels.BookMessage: f"{MESSAGE} market depth bids asks checksum",
    channels.TradesMessage: f"{MESSAGE} market trades",
    channels.TickerMessage: f"{MESSAGE} market ticker",
    channels.CandlesMessage: f"{MESSAGE} market interval candles",
    channels.OrdersMessage: f"{MESSAGE} orders",
    channels.FillsMessage: f"{MESSAGE} fills",
    channels.WalletMessage: f"{MESSAGE} balances",
    channels.StatusMessage: "channel type",
    channels.ErrorReply: "id ok error",
    Problem: "code message retryable suggestion details",
}

CODES = """
insufficient_funds tick_size lot_size min_notional price_out_of_band would_take stop_would_trigger unknown_market
unknown_order not_open market_halted too_many_open_orders duplicate_user weak_password bad_credentials unauthenticated
forbidden rate_limited invalid_request too_large amount_too_large client_order_id_conflict unavailable outcome_unknown
internal_error
"""
STATUS = {
    Code.UNAUTHENTICATED: 401,
    Code.BAD_CREDENTIALS: 401,
    Code.FORBIDDEN: 403,
    Code.UNKNOWN_MARKET: 404,
    Code.UNKNOWN_ORDER: 404,
    Code.CLIENT_ORDER_ID_CONFLICT: 409,
    Code.DUPLICATE_USER: 409,
    Code.RATE_LIMITED: 429,
    Code.INSUFFICIENT_FUNDS: 422,
    Code.TICK_SIZE: 422,
}


@pytest.mark.parametrize("struct", FIELDS)
def test_every_field_has_its_name(struct: type[msgspec.Struct]) -> None:
    written = {field.encode_name for field in msgspec.structs.fields(struct)}
    tag = struct.__struct_config__.tag_field
    assert set(FIELDS[struct].split()) - written - {tag} == set()


def test_every_code_is_there() -> None:
    assert set(CODES.split()) <= {code.value for code in Code}
    assert {code: CATALOGUE[code].status for code in STATUS} == STATUS


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Side, "buy sell"),
        (OrderType, "limit market stop stop_limit"),
        (TimeInForce, "gtc ioc fok gtd"),
        (SelfTradePrevention, "cancel_newest cancel_oldest cancel_both decrement"),
        (OrderStatus, "pending open partially_filled filled canceled expired rejected"),
        (EndReason, REASONS),
        (Interval, "1m 5m 15m 1h 4h 1d 1w"),
        (Scope, "read trade withdraw"),
    ],
)
def test_every_word_of_an_enumeration_is_there(term: type[Side], words: str) -> None:
    assert set(words.split()) <= {each.value for each in term}


def test_the_numbers_that_were_promised() -> None:
    assert BOOK_DEPTHS == (10, 25, 100, 1000)
    assert set(get_args(Channel)) == {"book", "trades", "ticker", "candles", "orders", "fills", "wallet"}
    assert MESSAGE_BYTES_MAX == 64 * 1024
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 130]
