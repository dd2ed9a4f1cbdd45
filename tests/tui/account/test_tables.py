"""Order history, fills, ledger and wallet on the screen: read when they are looked at, kept current after."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cryptex.client.errors import unreachable
from cryptex.protocol.channels import FillsMessage
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason, OrderStatus
from cryptex.protocol.views import BalanceView
from cryptex.tui.account.history_table import ended_text
from cryptex.tui.account.ledger_table import LedgerTable
from cryptex.tui.account.paged import RETRY_AFTER_S
from cryptex.tui.account.reader import LEDGER_PAUSE_S, PAGE_ROWS
from cryptex.tui.account.state import FILLS_MAX, ROWS_MAX
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.settings.terminal import FILE_NAME
from tests.tui.account.past import as_entry, ended_view, entry_view, fill_view
from tests.tui.fake_exchange import TIME, FakeExchange, as_order, order_view
from tests.tui.pilots import Desk, desk, until
from tests.tui.scenes import FILLS, ORDERS, WALLET, orders, wallet


@asynccontextmanager
async def account(exchange: FakeExchange, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Desk]:
    """Run a terminal on an account with a past."""
    async with desk(size, exchange) as on:
        yield on


async def read(on: Desk, method: str, times: int) -> None:
    """Let frames pass until a list was asked for so often, and is drawn."""
    for _ in range(200):
        await on.frame()
        if len(on.exchange.called(method)) >= times:
            break
    await on.frame()
    assert len(on.exchange.called(method)) == times


async def test_history_is_read_when_it_is_looked_at_and_says_why_orders_ended() -> None:
    exchange = FakeExchange()
    exchange.past_orders = [
        order_view(12, "buy", "1.00", "1.00000"),
        ended_view(11),
        ended_view(10, EndReason.DEAD_MAN),
    ]
    async with account(exchange) as on:
        await on.frame()
        assert not on.exchange.called("orders")
        await on.pilot.press("f3")
        await read(on, "orders", 1)
        heading, newest, older, *_ = on.text("history").splitlines()
        assert "Ended" in heading
        assert newest.startswith("15:11:00")
        assert "filled" in newest
        assert "dead man's switch" in older, "and not the one that is open"
        on.exchange.say(ORDERS, orders([ended_view(1041, EndReason.USER)], sequence=2, prev=1))
        await on.frame()
        assert "canceled by you" in on.text("history").splitlines()[1]
        assert len(on.exchange.called("orders")) == 1, "what comes live is not read again"


async def test_older_pages_are_read_on_the_way_down() -> None:
    exchange = FakeExchange()
    exchange.past_fills = [fill_view(number, "buy", "0.1", "61000") for number in range(1, 3 * PAGE_ROWS)]
    exchange.past_entries = [entry_view(number) for number in range(1, 3 * PAGE_ROWS)]
    async with account(exchange) as on:
        await on.pilot.press("f6")
        await read(on, "entries", 1)
        for _ in range(4):
            await on.pilot.press("pagedown")
            await on.frame()
        assert len(on.exchange.called("entries")) == 1
        for _ in range(200):
            await on.pilot.press("pagedown")
            await on.frame()
            if len(on.exchange.called("entries")) == 3:
                break
        assert [call["before"] for call in on.exchange.called("entries")] == [None, 200, 100]
        await on.pilot.press("home")
        await on.frame()
        assert "-10" in on.text("ledger").splitlines()[1]


async def test_the_ledger_is_read_again_when_balances_moved() -> None:
    exchange = FakeExchange()
    exchange.past_entries = [entry_view(1)]
    async with account(exchange) as on:
        await on.pilot.press("f6")
        await read(on, "entries", 1)
        exchange.past_entries.append(entry_view(2))
        exchange.now_s += LEDGER_PAUSE_S
        moved = BalanceView("USDT", "99965.23140000", "9193.90000000", "90771.33140000")
        on.exchange.say(WALLET, wallet(moved, sequence=2, prev=1))
        await read(on, "entries", 2)
        assert "89,980" in on.text("ledger")


async def test_what_cannot_be_read_says_so_and_is_tried_again() -> None:
    exchange = FakeExchange()
    exchange.past_orders = [ended_view(11)]
    exchange.answers["orders"] = [unreachable("no answer"), unreachable("no answer")]
    async with account(exchange) as on:
        await on.pilot.press("f3")
        await read(on, "orders", 1)
        assert "⏎ tries again: no answer" in on.text("history")
        await on.pilot.press("enter")
        await read(on, "orders", 2)
        exchange.now_s += RETRY_AFTER_S
        on.screen.model.heard(exchange.now_s)
        await read(on, "orders", 3)
        assert "11" in on.text("history")


async def test_an_older_page_that_cannot_be_read_says_so_below_the_rows_that_are_there() -> None:
    exchange = FakeExchange()
    exchange.past_entries = [entry_view(number) for number in range(1, 2 * PAGE_ROWS)]
    async with account(exchange) as on:
        await on.pilot.press("f6")
        await read(on, "entries", 1)
        exchange.answers["entries"] = [unreachable("no answer")]
        await on.pilot.press(*["pagedown"] * 20)
        await until(on.pilot, lambda: "⏎ tries again: no answer" in on.text("ledger").splitlines()[-1])
        assert "available" in on.text("ledger")


async def test_where_rows_are_too_many_the_end_says_what_has_the_others() -> None:
    async with desk() as on:
        ledger = on.screen.model.account.ledger
        ledger.take(map(as_entry, map(entry_view, range(2, ROWS_MAX + 2))), ledger.ask(), 2)
        await on.pilot.press("f6")
        await on.frame()
        table = on.screen.desk.panels[Part.LEDGER]
        assert isinstance(table, LedgerTable)
        assert "cryptex wallet entries" not in on.text("ledger")
        table.action_move(2 * ROWS_MAX)
        await on.frame()
        assert "older than these: cryptex wallet entries" in on.text("ledger").splitlines()[-1]
        assert on.exchange.called("entries") == []


@pytest.mark.parametrize(
    ("key", "part", "said", "then"),
    [
        ("f3", "history", "no order has ended yet", "F2 shows those that are open"),
        ("f4", "fills", "no fills yet", "b buys, F8 sells"),
        ("f6", "ledger", "nothing has moved", "D deposits simulated funds"),
    ],
)
async def test_an_empty_table_says_so_and_what_to_do_next(
    tmp_path: Path, key: str, part: str, said: str, then: str
) -> None:
    (tmp_path / FILE_NAME).write_text('[keys]\n"ticket.sell" = "f8"\n')
    async with desk(settings_folder=tmp_path) as on:
        await on.pilot.press(key)
        await until(on.pilot, lambda: said in on.text(part))
        assert then in on.text(part)


async def test_a_long_error_leaves_what_to_do_on_the_screen_and_is_wrapped(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[keys]\n"past.retry" = "y"\n')
    exchange = FakeExchange()
    exchange.answers["orders"] = [unreachable("the node said nothing " * 4)]
    async with desk((80, 24), exchange, settings_folder=tmp_path) as on:
        await on.pilot.press("f3")
        await until(on.pilot, lambda: "y tries again: the node said nothing" in on.text("history"))
        assert " ".join(on.text("history").split()).count("the node said nothing") == 4


async def test_a_list_that_is_the_same_is_not_worked_through_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as on:
        ledger = on.screen.model.account.ledger
        ledger.take(map(as_entry, map(entry_view, range(1, 501))), ledger.ask(), None)
        table = on.screen.desk.panels[Part.LEDGER]
        assert isinstance(table, LedgerTable)
        keyed, made = list[int](), list[int]()
        keys_of, rows_of = table.keys_of, table.rows_of
        monkeypatch.setattr(table, "keys_of", lambda entry: keyed.append(entry.id) or keys_of(entry))
        monkeypatch.setattr(table, "rows_of", lambda entry, width: made.append(entry.id) or rows_of(entry, width))
        for _ in range(3):
            table.lines(80, 22)
        assert len(keyed) == 500
        assert made == [*range(500, 489, -1)] * 3, "each entry once, though it has two rows"
        ledger.merge([as_entry(entry_view(501))])
        assert "501" in "".join(span.text for span in table.lines(80, 22)[1])


async def test_a_new_fill_stands_on_top_with_its_fee() -> None:
    exchange = FakeExchange()
    exchange.past_fills = [fill_view(number, "sell", "0.5", "61000", "30.5") for number in range(1, 6)]
    async with account(exchange) as on:
        await on.pilot.press("f4")
        await until(on.pilot, lambda: "61,000.00" in on.text("fills"))
        fresh = fill_view(7, "buy", "0.25", "61500", "0.00025")
        on.exchange.say(FILLS, FillsMessage(type="update", epoch=1, sequence=2, prev=1, time=TIME, fills=[fresh]))
        await on.frame()
        first = on.text("fills").splitlines()[1]
        assert "▲ buy" in first
        assert "61,500.00" in first
        assert "maker" in first


async def test_the_wallet_is_valued_and_tells_profit_of_the_fills_it_knows() -> None:
    exchange = FakeExchange()
    exchange.past_fills = [fill_view(1, "buy", "0.5", "61000", "0"), fill_view(2, "sell", "0.25", "61400", "1")]
    async with account(exchange, (200, 55)) as on:
        await until(on.pilot, lambda: "2 fills since 11-22 15:01" in on.text("wallet"))
        text = on.text("wallet")
        worth = next(line for line in text.splitlines() if line.startswith("Worth"))
        assert "216,489.35 USDT" in worth, worth
        assert "▲ +99.00 USDT" in text, "0.25 sold 400 dearer, less the fee"
        assert "▲ +58.62 USDT" in text, "0.25 left, 234.50 dearer by now"


async def test_profit_says_that_older_fills_are_left_out() -> None:
    exchange = FakeExchange()
    exchange.past_fills = [fill_view(number, "buy", "0.00001", "61000") for number in range(1, FILLS_MAX + 10)]
    async with account(exchange, (200, 55)) as on:
        for _ in range(100):
            await on.frame()
        assert "only the last 2,000, since 11-22 15:10" in on.text("wallet")


async def test_after_a_lost_connection_the_newest_page_is_read_again() -> None:
    exchange = FakeExchange()
    exchange.past_orders = [ended_view(11)]
    async with account(exchange) as on:
        await on.pilot.press("f3")
        await read(on, "orders", 1)
        exchange.drop()
        await on.frame()
        exchange.past_orders.append(ended_view(12, EndReason.EXPIRED))
        exchange.state = "live"
        for feed in exchange.feeds.values():
            feed.live = True
            feed.version += 1
        await read(on, "orders", 2)
        assert "expired" in on.text("history")


def snapshot(*numbers: int, sequence: int) -> FillsMessage:
    """Return the news of one's newest fills, all of them."""
    fills = [fill_view(number, "buy", "0.001", "61000") for number in numbers]
    return FillsMessage(type="snapshot", epoch=1, sequence=sequence, time=TIME, fills=fills)


@pytest.mark.parametrize("seen", [True, False], ids=["the connection was lost", "only the channel was"])
async def test_fills_that_came_during_an_outage_are_all_read_though_the_snapshot_was_first(seen: bool) -> None:
    exchange = FakeExchange()
    exchange.past_fills = [fill_view(number, "buy", "0.001", "61000") for number in range(1, 101)]
    async with account(exchange, (200, 55)) as on:
        await until(on.pilot, lambda: "100 fills since" in on.text("wallet"))
        exchange.say(FILLS, snapshot(*range(51, 101), sequence=2))
        await on.frame()
        exchange.past_fills += [fill_view(number, "buy", "0.001", "61000") for number in range(101, 1101)]
        if seen:
            exchange.drop()
            await on.frame()
            exchange.state = "live"
            for feed in exchange.feeds.values():
                feed.live = True
                feed.version += 1
        exchange.say(FILLS, snapshot(*range(1001, 1101), sequence=3))
        for _ in range(60):
            await on.frame()
        assert "1,100 fills since" in on.text("wallet")
        assert len(on.screen.model.account.fills.rows) == 1100


async def test_only_what_is_new_is_taken_from_the_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account(FakeExchange()) as on:
        on.exchange.say(ORDERS, orders([ended_view(11), ended_view(12)], sequence=20, prev=1))
        on.exchange.say(FILLS, snapshot(1, 2, sequence=20))
        await on.frame()
        model, merged = on.screen.model, list[list[int]]()
        for paged in (model.account.history, model.account.fills):
            monkeypatch.setattr(paged, "merge", lambda rows: merged.append([row.id for row in rows]))
        monkeypatch.setattr(model, "add_own_trades", lambda rows: merged.append([row.id for row in rows]))
        on.exchange.say(ORDERS, orders([ended_view(14), ended_view(13)], sequence=21, prev=20))
        fills = [fill_view(3, "buy", "0.1", "61000")]
        on.exchange.say(FILLS, FillsMessage(type="update", epoch=1, sequence=21, prev=20, time=TIME, fills=fills))
        await on.frame()
        assert merged == [[13, 14, 12], [3], [3]], "of the last sequence there may be more"


@pytest.mark.parametrize("reason", EndReason)
def test_every_reason_has_words(reason: EndReason) -> None:
    for full in (True, False):
        words, ink = ended_text(as_order(ended_view(1, reason)), full=full)
        assert words
        assert "_" not in words
        assert ink in (Ink.BUY, Ink.MUTED)


def test_a_rejected_order_says_its_code_in_words() -> None:
    view = order_view(1, "buy", "1.00", "1.00000", status=OrderStatus.REJECTED, reject_code=Code.INSUFFICIENT_FUNDS)
    assert ended_text(as_order(view), full=True) == ("rejected: insufficient funds", Ink.SELL)
    assert ended_text(as_order(view), full=False)[0] == "insufficient funds"
