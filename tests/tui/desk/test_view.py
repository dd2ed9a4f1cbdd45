"""The desk under the hands of a user: tabs, zoom, and panels that are called."""

from textual.content import Content
from textual.widgets import Input

from cryptex.protocol.terms import OrderStatus
from cryptex.tui.desk.part import LEAST, Part
from tests.tui.fake_exchange import order_view
from tests.tui.pilots import Desk, desk, until
from tests.tui.scenes import ORDERS, orders


def shown(on: Desk) -> set[str]:
    return {str(child.id) for child in on.screen.desk.children if child.display}


def title(on: Desk) -> str:
    return Content.from_markup(str(on.screen.desk.ticket.border_title)).plain


async def test_tabs_turn_by_key_and_come_round() -> None:
    async with desk((80, 24)) as on:
        assert shown(on) == {"ladder", "ticket", "orders"}
        await on.pilot.press("f2", "greater_than_sign")
        assert on.screen.focused is on.screen.desk.panels[Part.HISTORY]
        await on.pilot.press("less_than_sign", "less_than_sign")
        assert shown(on) == {"ladder", "ticket", "markets"}
        await on.pilot.press("greater_than_sign")
        assert shown(on) == {"ladder", "ticket", "orders"}


async def test_a_click_on_its_name_turns_to_a_tab() -> None:
    async with desk((80, 24)) as on:
        region = on.screen.desk.orders.region
        await on.pilot.click(offset=(region.x + 3 + len("Orders 3  "), region.y))
        await on.pilot.pause()
        assert shown(on) == {"ladder", "ticket", "history"}
        await on.pilot.click(offset=(region.x + 3 + len("Orders 3 "), region.y))
        await on.pilot.pause()
        assert shown(on) == {"ladder", "ticket", "history"}, "between two names there is none"


async def test_zoom_shows_the_focused_panel_alone_and_goes_back() -> None:
    async with desk() as on:
        before = shown(on)
        await on.pilot.press("f2", "z")
        assert shown(on) == {"orders"}
        await on.pilot.pause()
        assert on.screen.desk.orders.region == on.screen.desk.region
        await on.pilot.press("z")
        assert shown(on) == before


async def test_a_panel_is_resized_as_far_as_there_is_room() -> None:
    async with desk() as on:
        chart = on.screen.desk.panels[Part.CHART]
        height = chart.outer_size.height
        await on.pilot.press("c", "right_parenthesis")
        await on.pilot.pause()
        assert chart.outer_size.height == height + 2
        for key in ("right_parenthesis", "left_parenthesis"):
            await on.pilot.press(*[key] * 20)
            await on.pilot.pause()
            assert shown(on) >= {"chart", "ladder", "ticket", "orders"}
        assert LEAST[Part.CHART].height <= chart.outer_size.height < LEAST[Part.CHART].height + 2
        size = chart.outer_size
        await on.pilot.press("z", "right_parenthesis", "z")
        await on.pilot.pause()
        assert chart.outer_size == size, "alone it has all there is"


async def test_a_double_click_on_a_name_zooms_and_goes_back() -> None:
    async with desk() as on:
        before = shown(on)
        region = on.screen.desk.ladder.region
        await on.pilot.click(offset=(region.x + 5, region.y), times=2)
        assert shown(on) == {"ladder"}
        await on.pilot.click(offset=(region.x + 40, region.y), times=2)
        assert shown(on) == {"ladder"}, "beside the name there is nothing"
        await on.pilot.click(offset=(region.x + 5, region.y), times=2)
        assert shown(on) == before


async def test_a_title_says_what_there_is_now() -> None:
    async with desk() as on:
        desk_view = on.screen.desk
        assert desk_view.heading(Part.ORDERS).plain.startswith("Orders 3  ")
        assert desk_view.heading(Part.ORDERS) is desk_view.heading(Part.ORDERS), "nothing is worked out twice"
        on.exchange.say(ORDERS, orders([order_view(1044, "sell", "1", "1", status=OrderStatus.CANCELED)], prev=1))
        await on.frame()
        assert desk_view.heading(Part.ORDERS).plain.startswith("Orders 2  ")
        assert desk_view.heading(Part.LADDER).plain == "l Ladder BTC-USDT"
        await on.pilot.press("right_square_bracket")
        assert desk_view.heading(Part.LADDER).plain == "l Ladder ETH-USDT"


async def test_what_is_called_is_seen_though_another_panel_is_zoomed() -> None:
    async with desk() as on:
        await on.pilot.press("f2", "z", "b")
        assert "ticket" in shown(on)
        assert isinstance(on.screen.focused, Input)


async def test_a_narrow_screen_shows_one_panel_and_the_ticket_when_it_is_called() -> None:
    async with desk((50, 20)) as on:
        assert shown(on) == {"ladder"}
        await on.pilot.press("s")
        assert shown(on) == {"ticket"}
        assert isinstance(on.screen.focused, Input)
        await on.pilot.press("escape", "up", "enter")
        await until(on.pilot, lambda: shown(on) == {"ticket"})
        assert on.field("price")
        await until(on.pilot, lambda: "Ladder  Ticket" in title(on))
