"""The naive exchange's auctions: every price is tried, and every meeting of orders is played through."""

from fractions import Fraction

from cryptex.protocol.terms import EndReason, MarketState, Side
from tests.engine.oracle_orders import OrderBooks
from tests.engine.oracle_state import Standing


class Auctions(OrderBooks):
    """Reopening a market."""

    def advance(self, symbol: str) -> None:
        """From a halt to the auction, if the market has one, and from there to the open market."""
        duration = self.markets[symbol].auction_duration_ns
        if self.state(symbol) is MarketState.HALTED and duration:
            self.phases[symbol] = (MarketState.AUCTION, self.now + duration)
        else:
            self.uncross(symbol)
            del self.phases[symbol]

    def would_uncross(self, symbol: str) -> tuple[int, int] | None:
        """(price, volume): greatest volume, least surplus, nearest the reference, lower, of all prices there are."""
        bids, asks = self.resting(symbol, Side.BUY), self.resting(symbol, Side.SELL)
        if not bids or not asks or bids[0].price < asks[0].price:
            return None
        reference = self.reference(self.markets[symbol])
        ranked: list[tuple[int, int, Fraction, int]] = []
        for price in range(asks[0].price, bids[0].price + 1):
            demand = sum(o.remaining for o in bids if o.price >= price)
            supply = sum(o.remaining for o in asks if o.price <= price)
            distance = abs(price - reference) if reference is not None else Fraction(0)
            ranked.append((-min(demand, supply), abs(demand - supply), distance, price))
        volume, _, _, price = min(ranked)
        return price, -volume

    def uncross(self, symbol: str) -> None:
        first = len(self.trades)
        while (found := self.would_uncross(symbol)) is not None:
            price = found[0]
            pairs, own = self.pairs(symbol, price)
            for order in own:
                self.end(order, EndReason.SELF_TRADE)
            if not own:
                for buyer, seller, lots in pairs:
                    maker, taker = sorted((buyer, seller), key=lambda order: order.id)
                    self.trade(taker, maker, lots, price)
                self.auctions[symbol] = (price, first)
                return

    def pairs(self, symbol: str, price: int) -> tuple[list[tuple[Standing, Standing, int]], list[Standing]]:
        """Who would meet whom at a price, and the later of each two who would meet themselves."""
        buys = [[o, o.remaining] for o in self.resting(symbol, Side.BUY) if o.price >= price]
        sells = [[o, o.remaining] for o in self.resting(symbol, Side.SELL) if o.price <= price]
        met: list[tuple[Standing, Standing, int]] = []
        own: list[Standing] = []
        while buys and sells:
            (buyer, to_buy), (seller, to_sell) = buys[0], sells[0]
            if buyer.account == seller.account:
                own.append(max(buyer, seller, key=lambda order: order.id))
                (buys if own[-1] is buyer else sells).pop(0)
                continue
            lots = min(to_buy, to_sell)
            met.append((buyer, seller, lots))
            for queue in (buys, sells):
                queue[0][1] -= lots
                if queue[0][1] == 0:
                    queue.pop(0)
        return met, own
