"""How many connections there are, in all and of each address."""

from collections import Counter
from collections.abc import Callable

from cryptex.node.rates import site_of


class Callers:
    """Counts connections. Zero for an address means that there is no such limit; an IPv6 /64 counts as one address."""

    def __init__(self, per_address_max: int, in_all_max: int) -> None:
        self.per_address_max = per_address_max
        self._in_all_max = in_all_max
        self._by_site: Counter[str] = Counter()
        self._in_all = 0

    def enter(self, address: object) -> Callable[[], None] | None:
        """Count a connection from a socket's address; None beyond a limit.

        Return what takes it off again: once, however often that is called.
        """
        site = site_of(str(address[0])) if isinstance(address, tuple) and address else ""
        if self._in_all >= self._in_all_max or 0 < self.per_address_max <= self._by_site[site]:
            return None
        self._in_all += 1
        self._by_site[site] += 1
        gone = False

        def leave() -> None:
            nonlocal gone
            if gone:
                return
            gone = True
            self._in_all -= 1
            self._by_site[site] -= 1
            if not self._by_site[site]:
                del self._by_site[site]

        return leave
