"""What traders ask for: orders, amendments, transfers, drawn so that most of them mean something."""

from random import Random
from typing import Any

from cryptex.engine.network import DROPPED_ADDRESS, REFUSED_ADDRESS
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.protocol.times import time_text
from tests.simulation.node import WallClock
from tests.simulation.record import Record

POISON = "poison"
"""Begins the keys of orders that break the engine."""

PRICES = {"BTC-USDT": (90, 110, 0), "ETH-BTC": (78, 125, 2)}
SIZES = {"BTC-USDT": (1, 200, 2), "ETH-BTC": (1, 30, 1)}
AMOUNTS_MAX = {"BTC": 900, "ETH": 900, "USDT": 90_000}
"""Of transfers, in hundredths."""

SOMEWHERE = "somewhere"


def decimal(steps: int, decimals: int) -> str:
    """Return so many steps of a price or size as text."""
    whole, part = divmod(steps, 10**decimals)
    return f"{whole}.{part:0{decimals}d}" if decimals else str(whole)


class Forms:
    """Draws the forms of one trader, from what it knows of its orders and withdrawals."""

    def __init__(self, name: str, rng: Random, clock: WallClock, record: Record, *, poison: float) -> None:
        self._name = name
        self._rng = rng
        self._clock = clock
        self._homes = record.homes
        self._poison = poison
        self._keys = 0
        self.orders: dict[int, dict[str, Any]] = {}
        """The newest that it was told, by id."""
        self.withdrawals: list[int] = []

    def order(self) -> dict[str, Any]:
        """Return the form of an order, a wrong one now and then."""
        rng = self._rng
        market = "BTC-USDT" if rng.random() < 0.7 else "ETH-BTC"
        side = rng.choice(("buy", "sell"))
        kind = rng.choices(("limit", "market", "stop", "stop_limit"), (65, 12, 11, 12))[0]
        form: dict[str, Any] = {"market": market, "side": side, "type": kind}
        if kind in ("market", "stop") and side == "buy" and rng.random() < 0.5:
            form["quote_size"] = decimal(rng.randint(100, 20_000), 2)
        else:
            form["size"] = self._size(market)
        if kind in ("limit", "stop_limit"):
            form["price"] = self._price(market)
        if kind in ("stop", "stop_limit"):
            form["stop_price"] = self._price(market)
        self._terms(form, kind)
        if rng.random() < 0.5:
            form["self_trade_prevention"] = rng.choice(("cancel_newest", "cancel_oldest", "cancel_both", "decrement"))
        draw = rng.random()
        if draw < 0.88 or not self._keys:
            self._keys += 1
            form["client_order_id"] = f"{self._name}-{self._keys}"
        elif draw < 0.93:
            form["client_order_id"] = f"{self._name}-{rng.randint(1, self._keys)}"
        if rng.random() < self._poison:
            form["client_order_id"] = f"{POISON}-{self._name}-{self._keys}"
        return self._spoiled(form) if rng.random() < 0.04 else form

    def _terms(self, form: dict[str, Any], kind: str) -> None:
        rng = self._rng
        if kind in ("limit", "stop_limit") and rng.random() < 0.35:
            form["time_in_force"] = rng.choice(("ioc", "fok", "gtd"))
            if form["time_in_force"] == "gtd":
                expires_ns = self._clock.now_ns() + rng.randint(1, 20_000) * NANOSECONDS_PER_SECOND // 1000
                form["expires_at"] = time_text(expires_ns)
        elif kind == "limit" and rng.random() < 0.2:
            form["post_only"] = True

    def _spoiled(self, form: dict[str, Any]) -> dict[str, Any]:
        """Make a form wrong in a way that the gateway has to see."""
        spoils: list[dict[str, Any]] = [
            {"market": "DOGE-USDT"},
            {"size": "0.0123456", "quote_size": None},
            {"price": "100.123456"},
            {"surprise": 1},
        ]
        spoiled = {**form, **self._rng.choice(spoils)}
        return {key: value for key, value in spoiled.items() if value is not None}

    def _price(self, market: str) -> str:
        low, high, decimals = PRICES[market]
        return decimal(self._rng.randint(low, high), decimals)

    def _size(self, market: str) -> str:
        low, high, decimals = SIZES[market]
        return decimal(self._rng.randint(low, high), decimals)

    def _pick(self) -> dict[str, Any] | None:
        """Return an order of its own, one that is open as far as it knows where there is one."""
        alive = [order for order in self.orders.values() if order["status"] in ("open", "partially_filled", "pending")]
        found = alive if alive and self._rng.random() < 0.85 else list(self.orders.values())
        return self._rng.choice(found[-20:]) if found else None

    def reference(self) -> dict[str, Any]:
        """Return how it names an order, one of its own mostly."""
        order = self._pick()
        if order is None or self._rng.random() < 0.05:
            return {"id": self._rng.randint(1, 60)}
        if order["client_order_id"] and self._rng.random() < 0.2:
            return {"client_order_id": order["client_order_id"]}
        return {"id": order["id"]}

    def amendment(self) -> dict[str, Any]:
        """Return what is to change of an order."""
        order = self._pick()
        if order is None:
            return {"id": self._rng.randint(1, 60), "size": "1"}
        params: dict[str, Any] = {"id": order["id"]}
        if self._rng.random() < 0.6:
            params["size"] = self._size(order["market"])
        if order["type"] in ("limit", "stop_limit") and self._rng.random() < 0.6:
            params["price"] = self._price(order["market"])
        if order["type"] in ("stop", "stop_limit") and self._rng.random() < 0.4:
            params["stop_price"] = self._price(order["market"])
        return params

    def transfer(self) -> tuple[str, dict[str, Any]]:
        """Return whether it is a deposit or a withdrawal, and its form."""
        rng = self._rng
        self._keys += 1
        reference = f"{self._name}-{self._keys if rng.random() < 0.9 else rng.randint(1, self._keys)}"
        asset = rng.choice([*AMOUNTS_MAX])
        form: dict[str, Any] = {"asset": asset, "amount": decimal(rng.randint(1, AMOUNTS_MAX[asset]), 2)}
        if rng.random() < 0.85:
            form["reference"] = reference
        if rng.random() < 0.5:
            return "deposit", form
        return "withdraw", {**form, "address": self._address(asset)}

    def _address(self, asset: str) -> str:
        homes = [address for symbol, address in self._homes if symbol == asset]
        return self._rng.choice([SOMEWHERE, SOMEWHERE, REFUSED_ADDRESS, DROPPED_ADDRESS, *homes])

    def withdrawal(self) -> int:
        """Return the number of one of its withdrawals, mostly."""
        if self.withdrawals and self._rng.random() < 0.9:
            return self._rng.choice(self.withdrawals[-3:])
        return self.any_withdrawal()

    def any_withdrawal(self) -> int:
        """Return the number of anybody's withdrawal that there may be."""
        return self._rng.randint(1, 2 + max(self.withdrawals, default=4))
