"""Encoding: commands survive the journal, requests become forms or refusals that name the field."""

import re
from contextlib import suppress
from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.protocol import commands as c
from cryptex.protocol.api_keys import ApiKeyForm
from cryptex.protocol.channels import book_checksum
from cryptex.protocol.codec import decode_batch, decode_form, encode_batch, encode_json
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.requests import AmendForm, PlaceForm, RegisterForm, Request, SubscribeParams
from cryptex.protocol.terms import EngineLimit, OrderType, SelfTradePrevention, Side, TimeInForce

place_decoder = msgspec.json.Decoder(PlaceForm)
counts = st.integers(0, (1 << 62) - 1)
places = st.builds(
    c.PlaceOrder,
    counts,
    st.text(max_size=33),
    st.sampled_from(Side),
    st.sampled_from(OrderType),
    counts,
    counts,
    st.sampled_from(TimeInForce),
    st.booleans(),
    st.sampled_from(SelfTradePrevention),
    st.text(max_size=64),
    counts,
    counts,
    counts,
    counts,
)
EVERY: list[c.Command] = [
    c.DefineAsset("BTC", "Bitcoin", 8),
    c.DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.001", "0.001", "0.5", "60000"),
    c.HaltMarket("BTC-USDT", 7),
    c.ResumeMarket("BTC-USDT"),
    c.SetLimit(EngineLimit.OPEN_ORDERS_PER_MARKET, 7),
    c.OpenAccount("key", (c.Grant("USDT", 5),), bot=True),
    c.BeginEpoch(),
    c.Tick(),
    c.VoidCommand(3),
    c.PlaceOrder(1, "BTC-USDT", Side.BUY, OrderType.STOP_LIMIT, 1, 2, stop_ticks=3),
    c.AmendOrder(1, 2, 3, 4, 5),
    c.CancelOrder(1, 2),
    c.CancelAll(1, "BTC-USDT"),
    c.CancelAfter(1, 60),
    c.CancelOnDisconnect(1, 7, enabled=True),
    c.Disconnect(7),
    c.Deposit(1, "USDT", 5, "r"),
    c.Withdraw(1, "USDT", 5, "there", "r"),
    c.DefineNetwork(5, 3, "seed"),
    c.LimitWithdrawals("USDT", None, 7),
    c.RequestWithdrawal(1, "USDT", 5, "there", "r"),
    c.CancelWithdrawal(1, 2),
    c.ApproveWithdrawal(2, 3),
    c.RejectWithdrawal(2, 3),
]


def test_a_withdrawal_of_an_older_journal_has_no_reference() -> None:
    old = msgspec.msgpack.encode([["withdraw", 1, "USDT", 5, "there"]])
    assert msgspec.msgpack.decode(old, type=list[c.Command]) == [c.Withdraw(1, "USDT", 5, "there")]


def test_every_command_survives_the_journal() -> None:
    batch = [c.Stamped(number, command) for number, command in enumerate(EVERY)]
    assert {type(command) for command in EVERY} == set(c.Command.__args__)
    assert decode_batch(encode_batch(batch)) == batch


@given(st.lists(st.builds(c.Stamped, counts, places), max_size=5))
def test_orders_survive_the_journal(batch: list[c.Stamped]) -> None:
    assert decode_batch(encode_batch(batch)) == batch


def test_tags_are_distinct_and_stand_first() -> None:
    assert len({command.__struct_config__.tag for command in EVERY}) == len(EVERY)
    for command in EVERY:
        assert msgspec.msgpack.decode(encode_batch([c.Stamped(1, command)]))[0][1][0] == command.__struct_config__.tag


def test_a_command_written_before_a_field_was_added_is_still_read() -> None:
    batch = encode_batch([c.Stamped(1, c.PlaceOrder(1, "M", Side.BUY, OrderType.LIMIT, 5, 6))])
    [[time_ns, fields]] = msgspec.msgpack.decode(batch)
    shorter = msgspec.msgpack.encode([[time_ns, fields[:7]]])
    assert decode_batch(shorter) == decode_batch(batch)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"side":"buy","type":"limit"}', "market"),
        (b'{"market":"BTC-USDT","side":"up","type":"limit"}', "side"),
        (b'{"market":"BTC-USDT","side":"buy","type":"limit","prise":"1"}', "prise"),
        (b'{"market":7,"side":"buy","type":"limit"}', "market"),
        (b'{"market":"BTC-USDT","side":"buy","type":"limit","post_only":"yes"}', "post_only"),
        (b'{"market":"BTC-USDT","side":"buy","type":"limit","client_order_id":""}', "client_order_id"),
        (b'{"market":"BTC-USDT","side":"buy","type":"limit","client_order_id":"a\\n"}', "client_order_id"),
        ('{"market":"BTC-USDT","side":"buy","type":"limit","client_order_id":"é"}'.encode(), "client_order_id"),
        (
            b'{"market":"BTC-USDT","side":"buy","type":"limit","client_order_id":"' + b"a" * 65 + b'"}',
            "client_order_id",
        ),
    ],
)
def test_a_form_that_is_not_right_names_its_field(body: bytes, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        decode_form(place_decoder, body)
    assert (refused.value.code, refused.value.details.get("field")) == (Code.INVALID_REQUEST, field)


@pytest.mark.parametrize(
    ("form", "body", "said"),
    [
        (
            SubscribeParams,
            b'{"channel":"candles","interval":"2m"}',
            "interval must be one of 1m, 5m, 15m, 1h, 4h, 1d, 1w",
        ),
        (PlaceForm, b'{"market":"M","side":"up","type":"limit"}', "side must be one of buy, sell"),
        (
            PlaceForm,
            b'{"market":"M","side":"buy","type":"limit","time_in_force":"day"}',
            "time_in_force must be one of gtc, ioc, fok, gtd",
        ),
        (ApiKeyForm, b'{"label":"bot","scopes":["read","all"]}', "scopes[1] must be one of read, trade, withdraw"),
        (ApiKeyForm, b'{"label":"a\\n","scopes":["read"]}', "label must be printable ASCII characters"),
    ],
)
def test_a_refusal_says_what_may_stand_there(form: type[msgspec.Struct], body: bytes, said: str) -> None:
    with pytest.raises(Refusal, match=f"^{re.escape(said)}$"):
        decode_form(msgspec.json.Decoder(form), body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nul", b"[" * 100_000, b'{"a":' * 100_000, b'"\\ud800"'])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        decode_form(place_decoder, body)
    assert refused.value.code is Code.INVALID_REQUEST


@pytest.mark.parametrize("form", [PlaceForm, AmendForm, RegisterForm, Request, SubscribeParams])
@given(body=st.binary(max_size=80) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_form_or_a_refusal(form: type[msgspec.Struct], body: bytes) -> None:
    with suppress(Refusal):
        decode_form(msgspec.json.Decoder(form), body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(body=st.fixed_dictionaries({}, optional=dict.fromkeys(PlaceForm.__struct_fields__, JSON)))
def test_any_json_is_a_form_or_a_refusal(body: dict[str, object]) -> None:
    with suppress(Refusal):
        decode_form(place_decoder, msgspec.json.encode(body))


def test_amounts_stay_as_they_were_written() -> None:
    form = decode_form(place_decoder, b'{"market":"m","side":"buy","type":"limit","size":0.10,"price":"45000.00"}')
    assert (bytes(form.size), bytes(form.price)) == (b"0.10", b'"45000.00"')


def test_the_checksum_is_the_text_of_the_rules() -> None:
    bids, asks = [("45000.00", "0.5")], [("45001.00", "1.0"), ("45002.00", "2.0")]
    assert book_checksum(bids, asks) == crc32(b"45000.00:0.5|45001.00:1.0|45002.00:2.0")
    deep = [(str(price), "1") for price in range(30)]
    assert book_checksum(deep, deep) == book_checksum(deep[:10], deep[:10])
    assert book_checksum([], []) == 0


def test_words_are_written_plainly() -> None:
    assert encode_json({"side": Side.BUY}) == b'{"side":"buy"}'
