"""The screen never lies: what it draws as live is true; what may not be fades, says its age, and comes back."""

from collections.abc import Callable

import msgspec
import pytest
from textual.widgets import Input

from cryptex.protocol.channels import BookMessage
from cryptex.protocol.problems import Code
from cryptex.tui.model import STALE_AFTER_S
from tests.client.fake_node import SILENCE, Asked, Refuse
from tests.tui.fake_exchange import order_view
from tests.tui.honesty.mischief import corrupted
from tests.tui.honesty.screens import Sight, sight
from tests.tui.honesty.truth import Book
from tests.tui.pilots import until

STEPS = 25
Harm = Callable[[BookMessage, BookMessage], list[BookMessage]]


def seen_as_live(see: Sight) -> Book:
    """Return what was true at the sequence that the SDK holds."""
    replica = see.exchange.watch_book("BTC-USDT").replica
    return see.server.book.was[replica.epoch, replica.sequence]


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda first, second: [second], id="a lost update"),
        pytest.param(lambda first, second: [second, first], id="updates out of order"),
        pytest.param(lambda first, second: [first, first], id="an update twice"),
        pytest.param(lambda first, second: [corrupted(first)], id="a checksum that does not fit"),
        pytest.param(lambda first, second: [msgspec.structs.replace(first, epoch=7)], id="another epoch"),
        pytest.param(lambda first, second: [msgspec.structs.replace(first, bids=[("x", "1")])], id="no numbers"),
    ],
)
async def test_a_broken_book_fades_until_its_snapshot_is_there(harm: Harm) -> None:
    async with sight() as see:
        assert see.is_live
        assert see.shows(see.server.book.now)
        see.server.quiet = True
        for message in harm(see.server.book.step(), see.server.book.step()):
            await see.server.send(message)
        await see.settle()
        see.time.now_s += 3
        await see.frame()
        assert not see.is_live
        assert "stale" in see.status
        assert see.panel("ladder").stale
        assert "old" in str(see.panel("ladder").border_subtitle)
        assert any(see.shows(book) for book in see.server.book.was.values()), "what is old was true once"
        await see.server.speak()
        await see.settle(3)
        assert see.is_live
        assert not see.panel("ladder").stale
        assert see.shows(see.server.book.now)


async def test_a_slow_reader_is_told_so_and_fades_until_it_is_given_the_book_anew() -> None:
    async with sight() as see:
        see.server.book.step()
        snapshot = see.server.book.snapshot()
        await see.server.send(msgspec.structs.replace(snapshot, type="resync", bids=None, asks=None, checksum=None))
        await see.settle()
        assert not see.is_live
        await see.server.send(snapshot)
        await see.settle()
        assert see.is_live
        assert see.shows(see.server.book.now)


async def test_silence_fades_with_its_age_and_the_next_word_is_live_again() -> None:
    async with sight() as see:
        see.server.node.script["ping"] = lambda asked: SILENCE
        see.time.now_s += STALE_AFTER_S + 1
        await see.frame()
        assert "stale · 7 s old" in see.status
        assert "7 s old" in str(see.panel("ladder").border_subtitle)
        await see.server.send(see.server.book.step())
        await until(see.pilot, lambda: see.is_live)
        assert see.shows(see.server.book.now)


async def test_after_a_cut_connection_the_book_is_right_by_snapshot() -> None:
    async with sight() as see:
        await see.server.node.stop()
        await until(see.pilot, lambda: "reconnecting" in see.status)
        assert see.panel("ladder").stale
        assert see.panel("orders").stale
        for _ in range(3):
            see.server.book.step()
            see.server.orders.step()
        await see.server.node.start()
        await until(see.pilot, lambda: see.is_live)
        await see.settle(3)
        assert see.shows(see.server.book.now)
        assert [order.id for order in see.screen.model.orders or ()] == see.server.orders.now


async def test_a_channel_that_lost_an_update_fades_alone_and_says_its_age() -> None:
    async with sight() as see:
        see.server.quiet = True
        see.server.orders.step()
        await see.server.send(see.server.orders.step())
        await see.settle()
        see.time.now_s += 2
        await see.server.send(see.server.book.step())
        await see.settle()
        assert see.is_live
        assert not see.panel("ladder").stale
        assert see.panel("orders").stale
        assert "2 s old" in str(see.panel("orders").border_subtitle)
        await see.server.speak()
        await see.settle(3)
        assert not see.panel("orders").stale
        assert [order.id for order in see.screen.model.orders or ()] == see.server.orders.now


async def test_a_channel_that_is_refused_is_said() -> None:
    async with sight() as see:

        def refuse(asked: Asked) -> object:
            raise Refuse(Code.FORBIDDEN)

        see.server.node.script["subscribe"] = refuse
        see.server.orders.step()
        await see.server.send(see.server.orders.step())
        await until(see.pilot, lambda: any("no more news for orders" in n.text for n in see.screen.model.activity))
        assert see.panel("orders").stale


async def test_an_order_cut_off_in_the_middle_is_unknown_until_its_client_order_id_tells() -> None:
    async with sight() as see:
        keys: list[str] = []

        def cut(asked: Asked) -> object:
            keys.append(asked.params.client_order_id)
            see.server.node.drop()
            return SILENCE

        def tell(asked: Asked) -> object:
            keys.append(asked.params.client_order_id)
            return order_view(78, "buy", "59000.00", "0.50000", client_order_id=asked.params.client_order_id)

        def swallow(asked: Asked) -> object:
            keys.append(asked.params.client_order_id)
            return SILENCE

        see.server.node.script |= {"order.place": cut, "order.get": swallow}
        await see.pilot.press("b")
        see.screen.query_one("#price", Input).value = "59000"
        see.screen.query_one("#size", Input).value = "0.5"
        await see.pilot.press("enter")
        await until(see.pilot, lambda: "outcome unknown" in see.outcome)
        assert any("outcome unknown" in note.text for note in see.screen.model.activity)
        await until(see.pilot, lambda: len(keys) == 2)
        assert "outcome unknown" in see.outcome, "not before the exchange has said what became of it"
        see.server.node.script["order.get"] = tell
        see.server.node.drop()
        await until(see.pilot, lambda: "open #78" in see.outcome)
        assert len(keys) == 3
        assert len(set(keys)) == 1
        assert keys[0]


@pytest.mark.parametrize("seed", range(100, 103))
async def test_what_the_ladder_draws_as_live_is_true_whatever_the_server_does(seed: int) -> None:
    async with sight(seed) as see:
        judged = 0
        for _ in range(STEPS):
            await see.server.step()
            await see.settle()
            if see.is_live:
                judged += 1
                assert see.shows(seen_as_live(see))
            see.time.now_s += 0.5
        assert judged > STEPS / 4
        await see.server.send(see.server.book.step())
        await see.settle(20)
        assert see.is_live
        assert see.shows(see.server.book.now)
