"""The single-price auction: all that can trade trades at one price, and the book is no longer crossed."""

from collections import deque
from collections.abc import Iterator

from cryptex.engine.book import BookSide
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.matching import TAKER, Matching, filled
from cryptex.engine.money import fee_units
from cryptex.engine.order import FILLED, PARTIALLY_FILLED, WorkingOrder
from cryptex.engine.orders import REASON_FILLED
from cryptex.engine.uncrossing import uncrossing
from cryptex.protocol.events import Trade
from cryptex.protocol.terms import EndReason


class Auction:
    """Uncrosses a market."""

    def __init__(self, matching: Matching, reached: deque[WorkingOrder]) -> None:
        """`reached` collects the stops that the auction price reaches, in the order in which they run."""
        self.matching = matching
        self.orders = matching.orders
        self.step = matching.orders.step
        self.reached = reached

    def uncross(self, market: LiveMarket) -> None:
        """Trade all that can trade at one price. Last price, band and breaker begin anew from it.

        Own orders that would meet are taken out first: the later of each two is canceled, and the price found again,
        until nobody would meet an own order.
        """
        now_ns = self.step.time_ns
        while True:
            found = uncrossing(market.book, market.reference(now_ns))
            if found is None:
                return
            own = _own_meetings(market, found.price_ticks)
            if not own:
                break
            for order in own:
                self.orders.cancel(order, EndReason.SELF_TRADE)
        price_ticks, size_lots = found
        traded_lots = 0
        for buyer, seller in _best_pairs(market, price_ticks):
            traded_lots += self._deal(market, buyer, seller, price_ticks)
        if traded_lots != size_lots:
            raise InvariantBroken(f"{market.symbol} uncrossed {traded_lots} lots, not {size_lots}")
        market.set_auction_price(now_ns, price_ticks, size_lots)
        self.reached.extend(market.stops.reached_by(price_ticks))

    def _deal(self, market: LiveMarket, buyer: WorkingOrder, seller: WorkingOrder, price_ticks: int) -> int:
        """Trade what two resting orders have in common; both pay the taker's fee. Return the lots."""
        if buyer.account_id == seller.account_id:
            raise InvariantBroken(f"account {buyer.account_id} would trade with itself")
        matching = self.matching
        trade_id = matching.next_trade_id
        matching.next_trade_id = trade_id + 1
        lots = min(buyer.remaining_lots, seller.remaining_lots)
        quote_units, base_units = lots * price_ticks * market.notional_units, lots * market.lot_units
        buyer_fee = fee_units(base_units, market.taker_fee_e8)
        seller_fee = fee_units(quote_units, market.taker_fee_e8)
        later = max(buyer, seller, key=_order_id)
        self.step.events.append(Trade(trade_id, market.symbol, price_ticks, lots, later.side))
        for fill_id, order in enumerate(sorted((buyer, seller), key=_order_id), 2 * trade_id - 1):
            fee = buyer_fee if order is buyer else seller_fee
            self.step.events.append(filled(fill_id, trade_id, order, TAKER, price_ticks, lots, quote_units, fee))
        buyer_held = lots * buyer.price_ticks * market.notional_units
        matching.ledger.settle(
            trade_id, buyer.seat, seller.seat, base_units, quote_units, buyer_held, buyer_fee, seller_fee
        )
        buyer.held_units -= buyer_held
        seller.held_units -= base_units
        self._lower(market.bids, buyer, lots)
        self._lower(market.asks, seller, lots)
        return lots

    def _lower(self, side: BookSide, order: WorkingOrder, lots: int) -> None:
        """Take traded lots off a resting order, which ends when nothing is left."""
        side.reduce(order, lots)
        if order.status is not PARTIALLY_FILLED:
            order.become(PARTIALLY_FILLED)
        if order.remaining_lots:
            order.updated_ns, order.sequence = self.step.time_ns, self.step.sequence
        else:
            self.orders.end(order, FILLED, REASON_FILLED)


def _best_pairs(market: LiveMarket, price_ticks: int) -> Iterator[tuple[WorkingOrder, WorkingOrder]]:
    """Yield the first order of each side while both reach the price; a pair has to trade before the next is asked."""
    while True:
        bid, ask = market.bids.best, market.asks.best
        if bid is None or ask is None or bid.price_ticks < price_ticks or ask.price_ticks > price_ticks:
            return
        buyer, seller = bid.first, ask.first
        if buyer is None or seller is None:
            raise InvariantBroken("an empty level in the book")
        yield buyer, seller


def _own_meetings(market: LiveMarket, price_ticks: int) -> list[WorkingOrder]:
    """Return the later order of each two of one account that would meet at a price, without trading anything."""
    buyers, sellers = _reaching(market.bids, price_ticks), _reaching(market.asks, price_ticks)
    buyer, seller = next(buyers, None), next(sellers, None)
    to_buy = 0 if buyer is None else buyer.remaining_lots
    to_sell = 0 if seller is None else seller.remaining_lots
    own: list[WorkingOrder] = []
    while buyer is not None and seller is not None:
        if buyer.account_id == seller.account_id:
            later = max(buyer, seller, key=_order_id)
            own.append(later)
            if later is buyer:
                to_buy = 0
            else:
                to_sell = 0
        else:
            lots = min(to_buy, to_sell)
            to_buy -= lots
            to_sell -= lots
        if not to_buy:
            buyer = next(buyers, None)
            to_buy = 0 if buyer is None else buyer.remaining_lots
        if not to_sell:
            seller = next(sellers, None)
            to_sell = 0 if seller is None else seller.remaining_lots
    return own


def _reaching(side: BookSide, price_ticks: int) -> Iterator[WorkingOrder]:
    """Yield the orders of a side that would trade at a price, by price, then time."""
    for level in side:
        if level.price_ticks * side.sign > price_ticks * side.sign:
            return
        yield from level


def _order_id(order: WorkingOrder) -> int:
    return order.order_id
