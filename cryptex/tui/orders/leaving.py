"""What becomes of orders when one leaves the trading screen, in words; and what must not be forgotten then. Pure."""

from typing import NamedTuple, Protocol, runtime_checkable

from cryptex.tui.orders.safeguards import Guard, Safeguards
from cryptex.tui.orders.working import Flight, Working

STAY = "open orders stay open"


class Farewell(NamedTuple):
    """`orders` says what becomes of those that are open, `flights` are those whose outcome is not known yet.

    `account` is whose they are: the node's address and the username.
    """

    orders: str = STAY
    flights: tuple[Flight, ...] = ()
    account: tuple[str, str] = ("", "")

    @property
    def sentence(self) -> str:
        """What becomes of open orders, as a sentence."""
        return f"{self.orders[:1].upper()}{self.orders[1:]}."

    @property
    def unanswered(self) -> str:
        """What is not known yet, in words; empty when all is."""
        if not self.flights:
            return ""
        count = len(self.flights)
        return f"What became of {'an order' if count == 1 else f'{count} orders'} that you sent is not known yet."


@runtime_checkable
class Leavable(Protocol):
    """A screen that has something to say when one leaves it."""

    @property
    def farewell(self) -> Farewell:
        """What is to be known then."""


def farewell(safeguards: Safeguards, working: Working, account: tuple[str, str]) -> Farewell:
    """Return what is to be known when one leaves now."""
    flights = tuple(flight for flight in working.flights.values() if flight.is_unanswered)
    return Farewell(_fate(safeguards), flights, account)


def _fate(safeguards: Safeguards) -> str:
    if safeguards.is_on(Guard.DEAD_MAN):
        return f"the dead man's switch cancels all open orders within {safeguards.seconds} s"
    if safeguards.is_on(Guard.DISCONNECT):
        return "cancel on disconnect cancels the orders that were placed under it"
    return STAY
