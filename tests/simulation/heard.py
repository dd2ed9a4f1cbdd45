"""What subscribers heard: each chain unbroken, nothing left out, and each message what stood at its sequence."""

from bisect import bisect_left
from collections import defaultdict
from typing import Any

from cryptex.protocol.channels import book_checksum
from cryptex.protocol.times import time_text
from tests.simulation.model import Fields, Model, Versions
from tests.simulation.record import Heard, Record

Key = tuple[Any, ...]
"""Connection, channel, market and depth."""


class Channels:
    """Folds what was heard, as a client does."""

    def __init__(self, record: Record, model: Model) -> None:
        self._record = record
        self._model = model
        self._chains: dict[Key, tuple[int, int]] = {}
        self._folded: dict[Key, Any] = {}
        """What a channel came to, from its last snapshot on; without one (it was resumed), nothing is known of it."""
        self._orders: dict[int, list[Versions]] = defaultdict(list)
        """By account."""
        for order_id, versions in model.orders.items():
            self._orders[model.oracle.orders[order_id].account].append(versions)

    def check(self) -> None:
        """Go through everything that was heard."""
        for heard in self._record.heard:
            message = heard.message
            key = (heard.connection, message["channel"], message.get("market"), message.get("depth"))
            before = self._chains.get(key)
            self._check_chain(key, message)
            check = getattr(self, f"_check_{message['channel']}", None)
            if check is None or message["type"] == "resync":
                continue
            missed_from = before[1] if before is not None and message["type"] == "update" else None
            check(key, heard, message["sequence"], missed_from)

    def _check_chain(self, key: Key, message: Fields) -> None:
        sequence, epoch, model = message["sequence"], message["epoch"], self._model
        assert sequence in model.times, f"{message} is of no batch in the log: told before it was durable, or lost"
        if message["type"] == "resync":
            self._chains.pop(key, None)
            return
        if message["type"] == "update":
            assert message["time"] == time_text(model.times[sequence]), f"{message}, at {model.times[sequence]}"
            assert model.epochs[epoch] <= sequence, f"{message} is of an epoch that began at {model.epochs[epoch]}"
            known = self._chains.get(key)
            assert known is None or known == (epoch, message["prev"]), f"the chain is broken: {known}, then {message}"
        self._chains[key] = (epoch, sequence)

    def _before(self, sequence: int) -> int:
        """Return the end of the batch before the one that ends at a sequence."""
        ends = self._model.ends
        return ends[bisect_left(ends, sequence) - 1]

    def _check_book(self, key: Key, heard: Heard, sequence: int, missed_from: int | None) -> None:
        message, depth = heard.message, heard.message["depth"]
        if message["type"] == "snapshot":
            self._folded[key] = {"bids": {}, "asks": {}}
        book = self._folded.get(key)
        if book is None:
            return
        versions = self._model.books.get(message["market"])
        if missed_from is not None:
            expected = self._model.at(versions, self._before(sequence)) or {"bids": [], "asks": []}
            untold = f"the book changed after {missed_from} and nothing was said of it before {message}"
            assert _sides(book) == {name: levels[:depth] for name, levels in expected.items()}, untold
        for name in ("bids", "asks"):
            for price, size in message[name]:
                if float(size):
                    book[name][price] = size
                else:
                    del book[name][price]
        expected = self._model.at(versions, sequence) or {"bids": [], "asks": []}
        folded = _sides(book)
        cut = {name: levels[:depth] for name, levels in expected.items()}
        assert folded == cut, f"the book folded to {folded}, not {cut}: {message}"
        assert message["checksum"] == book_checksum(folded["bids"], folded["asks"]), f"the checksum of {message}"

    def _check_trades(self, _key: Key, heard: Heard, sequence: int, missed_from: int | None) -> None:
        model, message = self._model, heard.message
        for trade in message["trades"]:
            assert trade == model.trade(trade["id"]), f"{trade} is not {model.trade(trade['id'])}"
        if missed_from is not None:
            expected = [
                trade_id
                for trade_id, (at, deal) in model.deals.items()
                if missed_from < at <= sequence and deal.market == message["market"]
            ]
            assert [trade["id"] for trade in message["trades"]] == expected, f"{message}, not the trades {expected}"

    def _check_orders(self, _key: Key, heard: Heard, sequence: int, missed_from: int | None) -> None:
        for order in heard.message["orders"]:
            assert order["user_id"] == heard.account_id, f"account {heard.account_id} was told of another's {order}"
            versions, told = self._model.orders.get(order["id"], []), order_fields(order)
            if heard.message["type"] == "update":
                assert told == self._model.at(versions, sequence), f"{order} at {sequence} is not {versions}"
            else:
                assert told in [fields for _, fields in versions], f"{order} was never so: {versions}"
        if missed_from is not None:
            for versions in self._orders[heard.account_id]:
                untold = [fields for at, fields in versions if missed_from < at < sequence]
                assert not untold, f"nothing was said of {untold} between {missed_from} and {sequence}"

    def _check_fills(self, _key: Key, heard: Heard, sequence: int, missed_from: int | None) -> None:
        model, orders = self._model, self._model.oracle.orders
        for fill in heard.message["fills"]:
            at, deal = model.deals[fill["trade_id"]]
            order, trade = orders[fill["order_id"]], model.trade(deal.id)
            taker = fill["order_id"] == deal.taker_order
            assert fill["order_id"] in (deal.taker_order, deal.maker_order), fill
            assert order.account == heard.account_id, f"account {heard.account_id} was told of another's {fill}"
            assert (fill["price"], fill["size"], fill["sequence"]) == (trade["price"], trade["size"], at), fill
            as_taker = taker or (fill["liquidity"] == "taker" and model.is_of_auction(deal))
            assert fill["liquidity"] == ("taker" if as_taker else "maker"), fill
            fee = model.fee(deal, order, taker=as_taker)
            assert (fill["fee"], fill["fee_asset"]) == fee, f"{fill} should pay {fee}"
        if missed_from is not None:
            expected = sorted(
                (deal.id, order_id)
                for at, deal in model.deals.values()
                for order_id in (deal.maker_order, deal.taker_order)
                if missed_from < at <= sequence and orders[order_id].account == heard.account_id
            )
            told = sorted((fill["trade_id"], fill["order_id"]) for fill in heard.message["fills"])
            assert told == expected, f"fills of {expected}, not {told}"

    def _check_wallet(self, key: Key, heard: Heard, sequence: int, missed_from: int | None) -> None:
        versions = self._model.balances.get(heard.account_id)
        told = {line["asset"]: line for line in heard.message["balances"]}
        if heard.message["type"] == "snapshot":
            self._folded[key] = {}
        elif key in self._folded and missed_from is not None:
            before = self._model.at(versions, self._before(sequence)) or {}
            assert same_funds(self._folded[key], before), f"{self._folded[key]} before {sequence} was {before}"
        if key in self._folded:
            told = self._folded[key] = {**self._folded[key], **told}
        expected = self._model.at(versions, sequence) or {}
        assert same_funds(told, expected), f"{told} at {sequence} is not {expected}"

    def _check_ticker(self, _key: Key, heard: Heard, sequence: int, _missed_from: int | None) -> None:
        message = heard.message
        if message["type"] == "snapshot":
            return
        book = self._model.at(self._model.books.get(message["market"]), sequence) or {"bids": [], "asks": []}
        best = [book[name][0][0] if book[name] else None for name in ("bids", "asks")]
        ticker = message["ticker"]
        assert [ticker["best_bid"], ticker["best_ask"]] == best, f"{message}, not {best}"
        trades = [
            deal for at, deal in self._model.deals.values() if at <= sequence and deal.market == message["market"]
        ]
        last = self._model.trade(trades[-1].id)["price"] if trades else None
        assert ticker["last"] == last, f"{message}, not {last}"


def _sides(book: dict[str, dict[str, str]]) -> dict[str, list[list[str]]]:
    return {
        "bids": sorted(map(list, book["bids"].items()), key=lambda level: -float(level[0])),
        "asks": sorted(map(list, book["asks"].items()), key=lambda level: float(level[0])),
    }


def order_fields(result: Fields) -> Fields:
    """Return an order as it was told, without what the model does not keep."""
    left_out = ("created_at", "updated_at", "sequence", "duplicate")
    return {name: value for name, value in result.items() if name not in left_out}


def same_funds(told: Fields, fields: Fields) -> bool:
    """Whether balances that were told are right; what was never touched counts as nothing."""
    for asset, line in told.items():
        if asset in fields:
            if line != fields[asset]:
                return False
        elif float(line["balance"]):
            return False
    return True
