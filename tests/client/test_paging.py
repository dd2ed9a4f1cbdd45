"""Whole lists, page by page."""

from collections.abc import Iterator

import msgspec
import pytest

from cryptex.client.caller import READ_WAITS_S
from cryptex.client.errors import NodeUnreachableError, RefusedError, UnavailableError
from cryptex.client.exchange import Exchange
from cryptex.client.paging import PAGE_ATTEMPTS_MAX, PAGE_ROWS
from cryptex.protocol.problems import Code, problem
from cryptex.protocol.views import OrderView
from tests.client.fake_node import FakeRest, FakeTime, Page
from tests.client.views import TIME, order_view


@pytest.fixture(name="rest")
def _rest() -> Iterator[FakeRest]:
    with FakeRest() as rest:
        yield rest


@pytest.fixture(name="paged")
def _paged(rest: FakeRest, time: FakeTime) -> Exchange:
    return Exchange(rest.url, "token", timing=time.timing)


def page_of(views: list[OrderView], following: int | None) -> Page:
    body: dict[str, object] = {"orders": views}
    if following is not None:
        body["next"] = following
    return Page(body=msgspec.json.encode(body))


def refusal(code: Code, status: int, **details: int) -> Page:
    said = problem(code, "not now")
    fields = {"code": said.code, "detail": said.message, "retryable": said.retryable, "suggestion": "", **details}
    return Page(status, msgspec.json.encode(fields), "application/problem+json")


def in_turn(rest: FakeRest, route: str, *pages: Page) -> None:
    """Let a route give its pages one after the other."""

    left = list(pages)

    class Turns(dict[str, Page]):
        def get(self, key: str, default: Page | None = None) -> Page | None:  # type: ignore[override]
            return left.pop(0) if key == route and left else default

    rest.pages = Turns()


async def test_pages_follow_each_other_to_the_end(rest: FakeRest, paged: Exchange) -> None:
    first, second = [order_view(9), order_view(8)], [order_view(7)]
    in_turn(rest, "GET /orders", page_of(first, 8), page_of(second, None))
    seen = [order.id async for order in paged.all_orders(status="open", market="BTC-USDT")]
    assert seen == [9, 8, 7]
    fixed = f"/orders?status=open&market=BTC-USDT&limit={PAGE_ROWS}"
    assert [got.path for got in rest.got] == [fixed, f"{fixed}&before=8"]


async def test_rows_can_be_taken_by_page_too(rest: FakeRest, paged: Exchange) -> None:
    in_turn(rest, "GET /orders", page_of([order_view(9), order_view(8)], 8), page_of([], 7), page_of([], None))
    rows = paged.all_orders()
    assert (await anext(rows)).id == 9
    assert [order.id for order in await rows.page()] == [8]
    assert await rows.page() == []
    assert await rows.page() == []
    assert len(rest.got) == 3


async def test_nothing_is_asked_for_before_it_is_needed(rest: FakeRest, paged: Exchange) -> None:
    in_turn(rest, "GET /orders", page_of([order_view(9)], 9), page_of([order_view(8)], None))
    rows = paged.all_orders()
    assert rest.got == []
    await anext(rows)
    assert len(rest.got) == 1


async def test_candles_go_on_from_a_time(rest: FakeRest, paged: Exchange) -> None:
    candle = {"time": TIME, "open": "1", "high": "1", "low": "1", "close": "1", "volume": "1", "trades": 1}
    whole = Page(body=msgspec.json.encode({"candles": [candle], "next": TIME}))
    in_turn(rest, "GET /markets/BTC-USDT/candles", whole, Page(body=b'{"candles":[]}'))
    assert len([candle async for candle in paged.all_candles("BTC-USDT", "5m", before=TIME)]) == 1
    encoded = TIME.replace(":", "%3A")
    assert all(f"interval=5m&limit={PAGE_ROWS}&before={encoded}" in got.path for got in rest.got)


async def test_a_node_that_is_busy_is_asked_again(
    rest: FakeRest, paged: Exchange, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("cryptex.client.caller.sleep", waits.append)
    busy = refusal(Code.RATE_LIMITED, 429, retry_after=2)
    in_turn(rest, "GET /orders", busy, refusal(Code.UNAVAILABLE, 503), page_of([order_view(9)], None))
    assert [order.id async for order in paged.all_orders()] == [9]
    assert (time.waits_s, waits) == ([2], [READ_WAITS_S[0]])


@pytest.mark.parametrize(
    ("code", "status", "attempts"),
    [(Code.RATE_LIMITED, 429, PAGE_ATTEMPTS_MAX), (Code.UNAVAILABLE, 503, len(READ_WAITS_S) + 1)],
)
async def test_a_node_that_stays_busy_is_an_error(
    rest: FakeRest, paged: Exchange, code: Code, status: int, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cryptex.client.caller.sleep", lambda _: None)
    rest.pages["GET /orders"] = refusal(code, status)
    with pytest.raises(UnavailableError):
        await anext(paged.all_orders())
    assert len(rest.got) == attempts


@pytest.mark.parametrize(("code", "status"), [(Code.INTERNAL_ERROR, 500), (Code.UNKNOWN_ORDER, 404)])
async def test_what_will_not_pass_is_an_error_at_once(rest: FakeRest, paged: Exchange, code: Code, status: int) -> None:
    rest.pages["GET /fills"] = refusal(code, status)
    with pytest.raises((UnavailableError, RefusedError)):
        await anext(paged.all_fills())
    assert len(rest.got) == 1


async def test_a_node_that_is_not_there_is_waited_for_only_between_pages(
    rest: FakeRest, paged: Exchange, time: FakeTime
) -> None:
    in_turn(rest, "GET /orders", Page(cut=True))
    with pytest.raises(NodeUnreachableError):
        await anext(paged.all_orders())
    in_turn(rest, "GET /orders", page_of([order_view(9)], 9), Page(cut=True), page_of([order_view(8)], None))
    assert [order.id async for order in paged.all_orders()] == [9, 8]
