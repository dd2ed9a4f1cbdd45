"""The websocket's methods: name, what comes back, and whether a lost reply leaves the outcome unknown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

import msgspec

from cryptex.client.caller import decode_answer, keys_of
from cryptex.client.errors import CryptexError, outcome_unknown, unreachable, with_keys
from cryptex.client.models import Balance, Order
from cryptex.protocol.channels import CancelOnDisconnectResult, LoginResult, PongResult, SubscribeResult

T = TypeVar("T")

Params = dict[str, str | int | bool | list[str] | dict[str, int]]
"""The params of a request."""


class CanceledOrders(msgspec.Struct, frozen=True):
    """The result of order.cancel_all."""

    canceled: list[int]


class OpenOrders(msgspec.Struct, frozen=True):
    """The result of orders.open."""

    orders: list[Order]


class Balances(msgspec.Struct, frozen=True):
    """The result of wallet.balances."""

    balances: list[Balance]


class DeadMan(msgspec.Struct, frozen=True):
    """The result of cancel_after."""

    fires_at: datetime | None


@dataclass(frozen=True)
class Call(Generic[T]):
    """A method of the websocket. `changes` marks one that changes orders: a lost reply then needs asking about."""

    method: str
    result: type[T]
    changes: bool = False

    def decode(self, data: bytes | msgspec.Raw, params: Params) -> T:
        """Return the typed result of a reply."""
        return decode_answer(data, self.result, changes=self.changes, details=keys_of(params))

    def lost(self, message: str, params: Params) -> CryptexError:
        """Return the error for a request that was sent and whose reply will not come."""
        return outcome_unknown(message, keys_of(params)) if self.changes else unreachable(message)

    def refused(self, error: CryptexError, params: Params) -> CryptexError:
        """Return the error for a request that the node answered with one."""
        return with_keys(error, keys_of(params))


LOGIN: Final = Call("login", LoginResult)
PING: Final = Call("ping", PongResult)
SUBSCRIBE: Final = Call("subscribe", SubscribeResult)
UNSUBSCRIBE: Final = Call("unsubscribe", SubscribeResult)
PLACE: Final = Call("order.place", Order, changes=True)
AMEND: Final = Call("order.amend", Order, changes=True)
CANCEL: Final = Call("order.cancel", Order, changes=True)
CANCEL_ALL: Final = Call("order.cancel_all", CanceledOrders, changes=True)
GET_ORDER: Final = Call("order.get", Order)
OPEN_ORDERS: Final = Call("orders.open", OpenOrders)
BALANCES: Final = Call("wallet.balances", Balances)
CANCEL_AFTER: Final = Call("cancel_after", DeadMan, changes=True)
CANCEL_ON_DISCONNECT: Final = Call("cancel_on_disconnect", CancelOnDisconnectResult, changes=True)
