from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from cryptex.engine.exchange import Exchange
from cryptex.node.clock import ManualClock
from cryptex.node.core import Core
from cryptex.node.gateway import Gateway
from cryptex.node.settings_file import LimitSettings
from cryptex.protocol.codec import decode_form, encode_json
from cryptex.protocol.commands import DefineAsset, DefineMarket, Deposit, Grant, OpenAccount, PlaceOrder
from cryptex.protocol.problems import Refusal
from cryptex.protocol.requests import AmendForm, DepositForm, PlaceForm, SimplePlaceForm
from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.protocol.times import time_text

BASE: dict[str, object] = {"market": "BTC-USDT", "side": "buy", "type": "limit", "size": "1", "price": "100"}


@pytest.fixture
def core() -> Core:
    exchange = Exchange()
    clock = ManualClock()
    commands = [
        DefineAsset("BTC", "Bitcoin", 8),
        DefineAsset("ETH", "Ether", 8),
        DefineAsset("USDT", "Tether", 8),
        DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.001", "0.001"),
        DefineMarket("ETH", "BTC", "0.00001", "0.001", "0.0001", "0.001", "0.001"),
        OpenAccount("key", (Grant("USDT", 10**13),)),
    ]
    for offset, command in enumerate(commands):
        exchange.apply(clock.now_ns() + offset, command)
    settings = SimpleNamespace(
        limits=LimitSettings(), opening={"USDT": 5, "BTC": 0}, faucet_enabled=True, faucet_max={"USDT": 10**8}
    )
    return cast(Core, SimpleNamespace(exchange=exchange, clock=clock, settings=settings))


@pytest.fixture
def gateway(core: Core) -> Gateway:
    return Gateway(core)


def form(**changes: object) -> PlaceForm:
    """Return an order form: BASE with changes; None takes a field away."""
    fields = {name: value for name, value in {**BASE, **changes}.items() if value is not None}
    return decode_form(msgspec.json.Decoder(PlaceForm), encode_json(fields))


def read(kind: Any, **fields: object) -> Any:
    return decode_form(msgspec.json.Decoder(kind), encode_json(fields))


def test_every_field_of_a_form_reaches_its_command(gateway: Gateway, core: Core) -> None:
    expires_ns = core.clock.now_ns() + 10**9
    command = gateway.place(
        1,
        form(
            market="btc/usdt",
            side="sell",
            type="stop_limit",
            size="0.5",
            price=45000.01,
            stop_price="44000",
            time_in_force="gtd",
            expires_at=time_text(expires_ns),
            self_trade_prevention="decrement",
            client_order_id="mine",
        ),
        connection_id=7,
    )
    assert command == PlaceOrder(
        account_id=1,
        market="BTC-USDT",
        side=Side.SELL,
        type=OrderType.STOP_LIMIT,
        size_lots=50_000,
        price_ticks=4_500_001,
        time_in_force=TimeInForce.GTD,
        post_only=False,
        self_trade_prevention=SelfTradePrevention.DECREMENT,
        client_order_id="mine",
        stop_ticks=4_400_000,
        expires_ns=expires_ns,
        connection_id=7,
    )


MARKET: dict[str, object] = {"type": "market", "price": None}
STOP: dict[str, object] = {"type": "stop", "price": None, "stop_price": "90"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "gtc"),
        ({"time_in_force": "ioc"}, "ioc"),
        (MARKET, "ioc"),
        ({**MARKET, "time_in_force": "gtc"}, "ioc"),
        ({**MARKET, "time_in_force": "fok"}, "fok"),
        (STOP, "gtc"),
        ({**STOP, "time_in_force": "fok"}, "fok"),
        ({**STOP, "price": "100", "type": "stop_limit", "time_in_force": "ioc"}, "ioc"),
    ],
)
def test_the_time_in_force_that_an_order_gets(gateway: Gateway, changes: dict[str, object], expected: str) -> None:
    assert gateway.place(1, form(**changes)).time_in_force == expected


def test_amounts_of_quote(gateway: Gateway) -> None:
    for kind in (MARKET, STOP):
        command = gateway.place(1, form(**{**kind, "size": None, "quote_size": "12.5"}))
        assert (command.quote_units, command.size_lots) == (1_250_000_000, 0)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"market": "DOGE-USDT"}, "unknown_market", None),
        ({"price": None}, "invalid_request", "price"),
        ({"price": "0"}, "invalid_request", "price"),
        ({"price": "1e2"}, "invalid_request", "price"),
        ({"price": "100.001"}, "tick_size", "price"),
        ({"price": "999999999999999999"}, "amount_too_large", "price"),
        ({"size": "0.000001"}, "lot_size", "size"),
        ({"size": "0"}, "invalid_request", "size"),
        ({"size": None}, "invalid_request", "size"),
        ({"quote_size": "5"}, "invalid_request", "size"),
        ({"size": None, "quote_size": "5"}, "invalid_request", "quote_size"),
        ({**MARKET, "size": None, "quote_size": "0"}, "invalid_request", "quote_size"),
        ({**MARKET, "size": None, "quote_size": "5", "side": "sell"}, "invalid_request", "quote_size"),
        ({**MARKET, "size": None, "quote_size": "5", "time_in_force": "fok"}, "invalid_request", "quote_size"),
        ({**MARKET, "price": "100"}, "invalid_request", "price"),
        ({**MARKET, "time_in_force": "gtd"}, "invalid_request", "time_in_force"),
        ({"stop_price": "90"}, "invalid_request", "stop_price"),
        ({**STOP, "stop_price": None}, "invalid_request", "stop_price"),
        ({**STOP, "time_in_force": "ioc"}, "invalid_request", "time_in_force"),
        ({**STOP, "stop_price": "90.001"}, "tick_size", "stop_price"),
        ({**MARKET, "post_only": True}, "invalid_request", "post_only"),
        ({"time_in_force": "ioc", "post_only": True}, "invalid_request", "post_only"),
        ({**STOP, "price": "100", "type": "stop_limit", "post_only": True}, "invalid_request", "post_only"),
        ({"time_in_force": "gtd"}, "invalid_request", "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, "invalid_request", "expires_at"),
        ({"time_in_force": "gtd", "expires_at": "2999-01-01"}, "invalid_request", "expires_at"),
        ({"time_in_force": "gtd", "expires_at": "9999-12-31T23:59:59-23:59"}, "invalid_request", "expires_at"),
        ({"time_in_force": "gtd", "expires_at": "2001-01-01T00:00:00Z"}, "invalid_request", "expires_at"),
    ],
)
def test_orders_that_are_denied(gateway: Gateway, changes: dict[str, object], code: str, field: str | None) -> None:
    with pytest.raises(Refusal) as denied:
        gateway.place(1, form(**changes))
    assert (denied.value.code, denied.value.details.get("field")) == (code, field)


def test_a_repeated_order_may_come_after_its_expiry(gateway: Gateway, core: Core) -> None:
    clock = cast(ManualClock, core.clock)
    expiring = form(time_in_force="gtd", expires_at=time_text(clock.now_ns() + 10**9), client_order_id="k")
    command = gateway.place(1, expiring)
    core.exchange.apply(clock.now_ns() + 100, command)
    clock.advance(60)
    assert gateway.place(1, expiring) == command
    with pytest.raises(Refusal):
        gateway.place(2, expiring)


def test_the_short_form_finds_the_market_of_an_asset(gateway: Gateway) -> None:
    command, market = gateway.place_simple(1, read(SimplePlaceForm, cryptocurrency="eth", amount=1, price="0.05"))
    assert (market.symbol, command.type, command.price_ticks) == ("ETH-BTC", OrderType.LIMIT, 5000)
    command, market = gateway.place_simple(1, read(SimplePlaceForm, cryptocurrency="BTC", amount=1, user_id=1))
    assert (market.symbol, command.type, command.time_in_force) == ("BTC-USDT", OrderType.MARKET, "ioc")


def test_amends_are_checked_against_their_order(gateway: Gateway, core: Core) -> None:
    core.exchange.apply(core.clock.now_ns() + 100, gateway.place(1, form()))
    core.exchange.apply(core.clock.now_ns() + 200, gateway.place(1, form(**STOP)))
    resting, stop = core.exchange.open_orders(1)
    assert gateway.amend(resting, read(AmendForm, price="99.5", size="2")).price_ticks == 9950
    assert gateway.amend(stop, read(AmendForm, stop_price="99.5")).stop_ticks == 9950
    for order, fields in [
        (resting, {}),
        (resting, {"stop_price": "1"}),
        (stop, {"price": "1"}),
        (resting, {"size": "x"}),
        (resting, {"price": None}),
    ]:
        with pytest.raises(Refusal) as denied:
            gateway.amend(order, read(AmendForm, **fields))
        assert denied.value.code == "invalid_request"


def test_deposits_and_grants(gateway: Gateway) -> None:
    command = gateway.deposit(1, read(DepositForm, asset="btc", amount="1.5", reference="r"))
    assert command == Deposit(1, "BTC", 150_000_000, "r")
    with pytest.raises(Refusal) as denied:
        gateway.deposit(1, read(DepositForm, asset="USDT", amount="1.00000001"))
    assert (denied.value.code, denied.value.details["maximum"]) == ("faucet_limit", "1.00000000")
    assert gateway.opening_grants() == (Grant("USDT", 5),)
