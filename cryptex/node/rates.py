"""How often accounts and addresses may ask: token buckets in front of everything that costs the node something."""

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.types import Scope

from cryptex.node.clock import Clock
from cryptex.node.guesses import Guesses
from cryptex.node.http import retry_after
from cryptex.node.settings_file import LimitSettings
from cryptex.node.throttle import TokenBuckets
from cryptex.protocol.problems import Code, Refusal

ADDRESS_REQUESTS_PER_SECOND: Final = 1_000
ADDRESS_REQUESTS_BURST: Final = 5_000
"""Requests without a login, of one address. Not counted where `commands_per_second` is 0."""

ROWS_PER_TOKEN: Final = 100
"""What is read at the price of one token: a request for 1,000 rows or levels costs ten."""

ADDRESS_LOGINS_FACTOR: Final = 30
"""Logins and registrations of one address, as a multiple of what it may try with one name (`logins_per_minute`)."""

SENSITIVE_PER_MINUTE: Final = 30
SENSITIVE_BURST: Final = 60
"""Acts of one account that need a fresh login: each leaves rows in the audit log for good. Not counted where
`commands_per_second` is 0."""

CODES_AT_ONCE: Final = 30
CODES_PER_HOUR: Final = 10
"""Wrong codes of a second factor that are heard for a name: from all addresses that are new to it together, and from
each one that is known. A code is guessed with a chance of 3 in a million."""

REGION_GUESSES_AT_ONCE: Final = 20
REGION_GUESSES_PER_HOUR: Final = 60
"""Passwords tried for a crowded name from the new addresses of one /48 of IPv6 together: it has 65,536 sites."""

ADDRESSES_CACHED_MAX: Final = 4_096
_SECONDS_PER_HOUR: Final = 3600
_IPV6_SITE_BYTES: Final = 8
"""One site has at least a /64 of IPv6, so its addresses count as one."""
_IPV6_REGION_BYTES: Final = 6


class Rates:
    """The buckets of a node. Each method takes a token, or raises Refusal(rate_limited) with the seconds to wait."""

    def __init__(self, limits: LimitSettings, clock: Clock) -> None:
        self._clock = clock
        self._accounts = TokenBuckets[int](limits.commands_per_second, limits.command_burst)
        per_second = ADDRESS_REQUESTS_PER_SECOND if limits.commands_per_second else 0
        self._addresses = TokenBuckets[str](per_second, ADDRESS_REQUESTS_BURST)
        sensitive = SENSITIVE_PER_MINUTE / 60 if limits.commands_per_second else 0
        self._sensitive = TokenBuckets[int](sensitive, SENSITIVE_BURST)
        logins = limits.logins_per_minute
        self._names = TokenBuckets[tuple[str, str]](logins / 60, logins)
        self._proofs = TokenBuckets[str](logins / 60, logins)
        self._guesses_count = bool(logins)
        self._passwords, self._codes = Guesses(), Guesses()
        counted = 1 / _SECONDS_PER_HOUR if logins else 0
        self._code_turns = TokenBuckets[tuple[str, str]](CODES_PER_HOUR * counted, CODES_AT_ONCE)
        self._regions = TokenBuckets[tuple[str, str]](REGION_GUESSES_PER_HOUR * counted, REGION_GUESSES_AT_ONCE)
        self._doors = TokenBuckets[str](logins * ADDRESS_LOGINS_FACTOR / 60, logins * ADDRESS_LOGINS_FACTOR)

    def account(self, account_id: int) -> None:
        """Count a request of an account, however it came."""
        _check(self._accounts.take(account_id, self._clock.now_ns()), "too many requests of this account")

    def sensitive(self, account_id: int) -> None:
        """Count an act that needs a fresh login."""
        _check(self._sensitive.take(account_id, self._clock.now_ns()), "too many keys and settings changed at once")

    def account_reads(self, account_id: int, rows: int) -> None:
        """Count what reading so many rows, levels or channels costs an account beyond its request."""
        wait_s = self._accounts.take_more(account_id, self._clock.now_ns(), extra_weight(rows))
        _check(wait_s, "too many requests of this account")

    def stranger_reads(self, address: str, rows: int) -> None:
        """Count the same for somebody who is not logged in."""
        wait_s = self._addresses.take_more(address, self._clock.now_ns(), extra_weight(rows))
        _check(wait_s, "too many requests of this address")

    def stranger(self, address: str) -> None:
        """Count a request of somebody who is not logged in."""
        _check(self._addresses.take(address, self._clock.now_ns()), "too many requests of this address")

    def check_stranger(self, address: str) -> None:
        """Raise where `stranger` would, and count nothing."""
        _check(self._addresses.wait_s(address, self._clock.now_ns()), "too many requests of this address")

    def login(self, username: str, address: str) -> None:
        """Count a login. Who guesses at a name locks out their own address, not the user."""
        self.door(address)
        wait_s = self._names.take((username.casefold(), address), self._clock.now_ns())
        _check(wait_s, "too many logins with this username from this address")

    def proof(self, username: str, address: str, session: str) -> None:
        """Count a password that is given by who is logged in: like a login, and by the session from all addresses."""
        self.login(username, address)
        _check(self._proofs.take(session, self._clock.now_ns()), "too many attempts of this login")

    def crowded(self, username: str) -> bool:
        """Return whether so many guess at a name that addresses which are new to it have to wait."""
        return self._passwords.crowded(username.casefold(), self._clock.now_ns())

    def new_address(self, username: str, address: str) -> None:
        """Count a login from an address that is new to a name."""
        name, now_ns = username.casefold(), self._clock.now_ns()
        region = (name, region_of(address))
        wait_s = self._regions.wait_s(region, now_ns) or self._passwords.wait_s(name, address, now_ns)
        _check(wait_s, "too many wrong passwords for this username: an address that is new to it has to wait")
        self._regions.take(region, now_ns)

    def hear_code(self, username: str, known_address: str) -> None:
        """Count a code that is about to be checked, from a known address or (empty) any other one.

        `code_was_not_wrong` takes it back. Nobody learns from a code beyond this whether it is right.
        """
        wait_s = self._code_turns.take((username.casefold(), known_address), self._clock.now_ns())
        _check(wait_s, "too many wrong codes for this username: try where you have logged in before, or later")

    def code_was_not_wrong(self, username: str, known_address: str) -> None:
        """Take back what `hear_code` counted."""
        self._code_turns.give_back((username.casefold(), known_address))

    def code(self, username: str, address: str) -> None:
        """Count a code of a second factor. Who gives one knows the password, so that known addresses wait as well."""
        wait_s = self._codes.wait_s(username.casefold(), address, self._clock.now_ns())
        _check(wait_s, "too many wrong codes for this username")

    def failed(self, username: str, code: Code) -> None:
        """Count a login or proof that was refused, with all others for the name."""
        of_codes = {Code.BAD_CODE: self._codes}
        of_passwords = dict.fromkeys((Code.BAD_CREDENTIALS, Code.SECOND_FACTOR_REQUIRED), self._passwords)
        guesses = (of_codes | of_passwords).get(code)
        if guesses is not None and self._guesses_count:
            guesses.failed(username.casefold(), self._clock.now_ns())

    def door(self, address: str) -> None:
        """Count a login or registration by its address alone: each keeps a core busy for a while."""
        _check(self._doors.take(address, self._clock.now_ns()), "too many logins from this address")


def extra_weight(rows: int) -> int:
    """Return what a request for so many rows, levels or channels counts beyond the one token of every request."""
    return max(0, rows // ROWS_PER_TOKEN - 1)


def host_of(scope: Scope) -> str:
    """Return the very address that a request comes from."""
    client: tuple[str, int] | None = scope.get("client")
    return "" if client is None else client[0]


def address_of(scope: Scope) -> str:
    """Return what an address counts as: itself, or the /64 that it is in."""
    client: tuple[str, int] | None = scope.get("client")
    return "" if client is None else site_of(client[0])


@lru_cache(maxsize=ADDRESSES_CACHED_MAX)
def site_of(host: str) -> str:
    """Return what a host address counts as: itself, or the /64 of IPv6 that it is in."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address.packed[:_IPV6_SITE_BYTES].ljust(16, b"\0"), 8 * _IPV6_SITE_BYTES)))


def region_of(site: str) -> str:
    """Return the /48 that a site of IPv6 lies in; any other one itself."""
    network, _, length = site.partition("/")
    if not length:
        return site
    packed = IPv6Address(network).packed[:_IPV6_REGION_BYTES]
    return str(IPv6Network((packed.ljust(16, b"\0"), 8 * _IPV6_REGION_BYTES)))


def _check(wait_s: float, detail: str) -> None:
    if wait_s:
        raise Refusal(Code.RATE_LIMITED, detail, retry_after=retry_after(wait_s))
