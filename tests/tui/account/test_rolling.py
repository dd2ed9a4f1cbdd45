"""Panels with more rows than room: keys and the wheel reach all of them."""

from textual.events import MouseScrollDown, MouseScrollUp
from textual.widget import Widget

from cryptex.protocol.channels import WalletMessage
from cryptex.protocol.views import BalanceView
from cryptex.tui.desk.part import Part
from cryptex.tui.model import Tone
from tests.tui.account.past import fill_view
from tests.tui.fake_exchange import TIME, FakeExchange
from tests.tui.pilots import Desk, desk, until
from tests.tui.scenes import WALLET


def wheel(panel: Widget, down: bool = True) -> None:
    """Turn the wheel over a panel by a notch."""
    kind = MouseScrollDown if down else MouseScrollUp
    panel.post_message(kind(panel, *panel.region.center, 0, 0, 0, False, False, False))


def note(on: Desk, numbers: range) -> None:
    """Let things happen."""
    for number in numbers:
        on.screen.model.note("12:00:00", Tone.PLAIN, f"note {number}.")


def rows(on: Desk, part: Part) -> list[str]:
    return on.text(part).splitlines()


async def test_the_activity_log_is_rolled_to_its_end_and_stands_still_there() -> None:
    async with desk() as on:
        await on.pilot.press("f7")
        note(on, range(40))
        await on.frame()
        assert "note 39." in rows(on, Part.ACTIVITY)[0]
        await on.pilot.press("down")
        assert "2 newer above" in rows(on, Part.ACTIVITY)[0]
        assert "note 37." in rows(on, Part.ACTIVITY)[1]
        note(on, range(40, 43))
        await on.frame()
        assert "5 newer above" in rows(on, Part.ACTIVITY)[0]
        assert "note 37." in rows(on, Part.ACTIVITY)[1]
        await on.pilot.press(*["pagedown"] * 12)
        assert "note 0." in rows(on, Part.ACTIVITY)[-1]
        await on.pilot.press("home")
        assert "note 42." in rows(on, Part.ACTIVITY)[0]


async def test_the_wallet_is_rolled_to_its_last_asset_with_the_worth_still_there() -> None:
    async with desk() as on:
        many = [BalanceView(f"A{at}", "1.00000000", "0.00000000", "1.00000000") for at in range(50)]
        on.exchange.say(WALLET, WalletMessage(type="snapshot", epoch=1, sequence=2, time=TIME, balances=many))
        await on.pilot.press("w")
        await on.frame()
        assert "A49" not in on.text(Part.WALLET)
        wheel(on.screen.desk.panels[Part.WALLET])
        await until(on.pilot, lambda: rows(on, Part.WALLET)[1].startswith("A3"))
        wheel(on.screen.desk.panels[Part.WALLET], down=False)
        await until(on.pilot, lambda: rows(on, Part.WALLET)[1].startswith("A0"))
        await on.pilot.press(*["pagedown"] * 9)
        assert "A49" in on.text(Part.WALLET)
        assert "Worth" in on.text(Part.WALLET)


async def test_the_wheel_shows_the_rows_of_a_list_that_has_no_focus() -> None:
    exchange = FakeExchange()
    exchange.past_fills = [fill_view(number, "buy", "0.1", str(61000 + number)) for number in range(1, 60)]
    async with desk(exchange=exchange) as on:
        await on.pilot.press("f4")
        await until(on.pilot, lambda: len(on.screen.model.account.fills.rows) > 30)
        await on.pilot.press("l")
        await on.frame()
        first = rows(on, Part.FILLS)[1]
        wheel(on.screen.desk.panels[Part.FILLS])
        await until(on.pilot, lambda: rows(on, Part.FILLS)[1] != first)
        assert "61,056" in rows(on, Part.FILLS)[1]
        wheel(on.screen.desk.panels[Part.FILLS], down=False)
        await until(on.pilot, lambda: rows(on, Part.FILLS)[1] == first)


async def test_the_wheel_stops_the_tape() -> None:
    async with desk() as on:
        tape = on.screen.desk.panels[Part.TAPE]
        newest = rows(on, Part.TAPE)[1]
        wheel(tape)
        await until(on.pilot, lambda: "stopped" in rows(on, Part.TAPE)[0])
        wheel(tape)
        await until(on.pilot, lambda: rows(on, Part.TAPE)[1] != newest)
