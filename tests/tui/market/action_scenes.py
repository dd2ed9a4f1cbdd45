"""Scenes of the actions on markets."""

from cryptex.protocol.channels import TradesMessage
from cryptex.protocol.terms import Side
from cryptex.protocol.views import TradeView
from tests.tui.action_scene import Scene, field, market, text
from tests.tui.fake_exchange import TIME
from tests.tui.pilots import Desk
from tests.tui.scenes import BTC, TRADES


def _one_order_of_two_trades(on: Desk) -> None:
    """Let one order trade twice at one price."""
    views = [TradeView(number, "61234.50", "0.10000", Side.BUY, TIME) for number in (61, 62)]
    update = TradesMessage(market=BTC, type="update", epoch=1, sequence=2, prev=1, time=TIME, trades=views)
    on.exchange.say(TRADES, update)


SCENES = {
    "market.next": Scene(market),
    "market.previous": Scene(market),
    "markets.up": Scene(lambda on: on.screen.desk.markets.selected, ("m", "down")),
    "markets.down": Scene(lambda on: on.screen.desk.markets.selected, ("m",)),
    "markets.sort": Scene(text("markets"), ("m",)),
    "tape.up": Scene(lambda on: on.screen.desk.tape.selected, ("t", "down")),
    "tape.down": Scene(lambda on: on.screen.desk.tape.selected, ("t",)),
    "tape.join": Scene(text("tape"), prepare=_one_order_of_two_trades, then=("t",)),
    "tape.pick": Scene(field("price"), ("t", "down")),
    "markets.pick": Scene(market, ("m", "down")),
}
