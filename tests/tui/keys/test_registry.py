"""The registry and those who carry out its actions hold together."""

import pytest

from cryptex.tui.account.paged_table import PagedTable
from cryptex.tui.alerts.alerts_table import AlertsTable
from cryptex.tui.chart.chart import Chart
from cryptex.tui.drawing.number_field import NumberField
from cryptex.tui.drawing.rolling import Rolling
from cryptex.tui.keys.action import Action, Place
from cryptex.tui.keys.registry import ACTIONS
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.market.market_list import MarketList
from cryptex.tui.market.tape import Tape
from cryptex.tui.orders.orders_table import OrdersTable
from cryptex.tui.ticket.ticket import Ticket
from tests.tui.pilots import desk

WIDGETS = {
    Place.LADDER: Ladder,
    Place.CHART: Chart,
    Place.ORDERS: OrdersTable,
    Place.MARKETS: MarketList,
    Place.TAPE: Tape,
    Place.ALERTS: AlertsTable,
    Place.PAST: PagedTable,
    Place.ROLL: Rolling,
    Place.TICKET: Ticket,
    Place.FIELD: NumberField,
}


def test_names_are_unique() -> None:
    names = [action.name for action in ACTIONS]
    assert len(names) == len(set(names))


def test_no_key_means_two_things_in_one_place() -> None:
    for place in Place:
        keys = [key for action in ACTIONS if action.place is place for key in action.keys.split(",")]
        assert sorted(keys) == sorted(set(keys)), place


def test_no_key_of_a_place_is_taken_before_it() -> None:
    """Keys that work anywhere are seen first, save digits and what a number field types."""
    anywhere = [action for action in ACTIONS if action.place is Place.ANYWHERE]
    first = {key for action in anywhere if action.is_taken_first for key in action.keys.split(",")}
    for action in ACTIONS:
        if action.place is not Place.ANYWHERE:
            assert not first & set(action.keys.split(",")), action.name


async def test_every_action_that_works_anywhere_has_a_handler() -> None:
    async with desk() as on:
        named = {action.name for action in ACTIONS if not action.run}
        assert named == set(on.screen.handlers)


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.run and not a.run.startswith("screen.")], ids=str)
def test_every_other_action_is_one_of_its_widget(action: Action) -> None:
    assert hasattr(WIDGETS[action.place], f"action_{action.run.partition('(')[0]}")
