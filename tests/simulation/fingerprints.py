"""What was asked, in whole numbers, by whom: of a request as it was sent, and of a command as it is in the log."""

from collections import defaultdict
from typing import Any

from cryptex.protocol import commands as c
from cryptex.protocol.times import time_text
from tests.simulation.model import Fields, Model
from tests.simulation.record import Asked

Fingerprint = tuple[Any, ...]
"""Equal requests have equal ones."""


class Fingerprints:
    """Takes them, with the markets and the keys of a log."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._by_key: dict[tuple[int, str], list[int]] = defaultdict(list)
        for order in model.oracle.orders.values():
            if order.ask.client_order_id and order.code is None:
                self._by_key[order.account, order.ask.client_order_id].append(order.id)

    def of_request(self, asked: Asked) -> list[Fingerprint]:
        """Return a request's; those of each order that it may mean, where it names a key that was used again."""
        if asked.method not in ("order.cancel", "order.amend"):
            return [self._of_plain(asked)]
        account, params = asked.account_id, asked.params
        ids = [params["id"]] if "id" in params else self._by_key[account, params["client_order_id"]]
        if asked.method == "order.cancel":
            return [(account, "cancel", order_id) for order_id in ids]
        return [(account, "amend", order_id, *self._changes(params, order_id)) for order_id in ids]

    def _of_plain(self, asked: Asked) -> Fingerprint:
        account, params, method = asked.account_id, asked.params, asked.method
        if method == "order.place":
            return (account, "place", *self._terms(params))
        if method == "order.cancel_all":
            return (account, "cancel_all", params.get("market", ""))
        if method == "cancel_after":
            return (account, "cancel_after", params["seconds"] * 10**9)
        if method == "cancel_on_disconnect":
            return (account, "on_disconnect", params["enabled"])
        if method in ("withdrawal.cancel", "approve", "reject"):
            return (account, method, params["id"])
        units = self._model.oracle.assets[params["asset"]].units(params["amount"])
        return (account, method, params["asset"], units, params.get("address", ""), params.get("reference", ""))

    def _terms(self, params: Fields) -> Fingerprint:
        market = self._model.market(params["market"])
        quote, size, price, stop = (params.get(name) for name in ("quote_size", "size", "price", "stop_price"))
        return (
            params["market"],
            params["side"],
            params["type"],
            0 if size is None else market.size_lots(size),
            0 if price is None else market.price_ticks(price),
            0 if stop is None else market.price_ticks(stop),
            0 if quote is None else market.quote.units(quote, "quote_size"),
            params.get("time_in_force") or ("ioc" if params["type"] == "market" else "gtc"),
            params.get("expires_at", ""),
            params.get("post_only", False),
            params.get("self_trade_prevention", "cancel_newest"),
            params.get("client_order_id", ""),
        )

    def _changes(self, params: Fields, order_id: int) -> Fingerprint:
        order = self._model.oracle.orders.get(order_id)
        if order is None:
            return ()
        market = self._model.market(order.ask.market)
        price, size, stop = (params.get(name) for name in ("price", "size", "stop_price"))
        return (
            0 if price is None else market.price_ticks(price),
            0 if size is None else market.size_lots(size),
            0 if stop is None else market.price_ticks(stop),
        )


def of_command(command: c.Command) -> Fingerprint | None:
    """Return a command's; None where no client asks for such a thing."""
    match command:
        case c.PlaceOrder():
            return (
                command.account_id,
                "place",
                command.market,
                command.side.value,
                command.type.value,
                command.size_lots,
                command.price_ticks,
                command.stop_ticks,
                command.quote_units,
                command.time_in_force.value,
                time_text(command.expires_ns) if command.expires_ns else "",
                command.post_only,
                command.self_trade_prevention.value,
                command.client_order_id,
            )
        case c.CancelOrder():
            return (command.account_id, "cancel", command.order_id)
        case c.AmendOrder():
            changes = (command.price_ticks, command.size_lots, command.stop_ticks)
            return (command.account_id, "amend", command.order_id, *changes)
        case c.CancelAll():
            return (command.account_id, "cancel_all", command.market)
        case c.CancelAfter():
            return (command.account_id, "cancel_after", command.duration_ns)
        case c.CancelOnDisconnect():
            return (command.account_id, "on_disconnect", command.enabled)
        case c.Deposit():
            return (command.account_id, "deposit", command.asset, command.units, "", command.reference)
        case c.CancelWithdrawal():
            return (command.account_id, "withdrawal.cancel", command.withdrawal_id)
        case c.ApproveWithdrawal():
            return (command.admin_id, "approve", command.withdrawal_id)
        case c.RejectWithdrawal():
            return (command.admin_id, "reject", command.withdrawal_id)
        case c.RequestWithdrawal():
            funds = (command.asset, command.units, command.address, command.reference)
            return (command.account_id, "withdraw", *funds)
        case _:
            return None
