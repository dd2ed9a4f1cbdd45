"""Who asks: logins, and what is behind tokens and keys. Passwords are hashed off the event loop."""

import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, NamedTuple

from cryptex.node.core import Core
from cryptex.node.credential import Credential, of_api_key, of_session
from cryptex.node.gateway import Gateway
from cryptex.node.handle import Handle, token_key
from cryptex.node.registrations import Registrations, user_view
from cryptex.node.slots import Slots
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.requests import PasswordForm, ReauthenticationForm, SessionForm
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.protocol.times import time_text
from cryptex.protocol.views import (
    EndedSessions,
    FreshView,
    MeView,
    OpenSessionView,
    SessionList,
    SessionView,
)
from cryptex.store.sessions import OpenSession, session_id

HASHES_AT_ONCE_MAX: Final = max(1, (os.cpu_count() or 1) // 2)
HASHES_WAITING_MAX: Final = 256
"""Passwords hashed at once: half of the cores stay with orders. And logins and registrations that wait their turn."""

LOOKUPS_MAX: Final = 2
LOOKUPS_WAITING_MAX: Final = 1000
"""Tokens looked up in the users store at once, and in waiting."""

RECHECKS_WAITING_MAX: Final = 100_000
"""Tokens of websockets to be looked up again. They take turns among themselves, and no request waits behind them."""

TRUST_NS: Final = 10 * NANOSECONDS_PER_SECOND
"""How long a token is known without asking the users store again. Its end on this node counts at once."""

TRUSTED_MAX: Final = 10_000

LOOKUP_TRIES_MAX: Final = 3
"""How often a token is looked up anew because tokens ended meanwhile; then it counts for this once."""


class _Trusted(NamedTuple):
    credential: Credential
    until_ns: int


class Identity:
    """The people side of a node."""

    def __init__(self, core: Core, gateway: Gateway) -> None:
        self._core = core
        self._gateway = gateway
        self._hashing = Slots(HASHES_AT_ONCE_MAX, HASHES_WAITING_MAX, stands_back=True)
        self._lookups = Slots(LOOKUPS_MAX, LOOKUPS_WAITING_MAX)
        self._rechecks = Slots(1, RECHECKS_WAITING_MAX)
        self._trusted: OrderedDict[bytes, _Trusted] = OrderedDict()
        self._ends = 0
        self._watchers: dict[bytes, set[Callable[[], None]]] = {}
        self.registrations: Final = Registrations(core, gateway, self._hashing, self._lookups)

    async def login(self, form: SessionForm, address: str) -> SessionView:
        """Begin a session. Raises Refusal: bad_credentials, second_factor_required, bad_code, rate_limited."""
        await self._take_turn(form.username, form.code, address)
        await self.registrations.settle()
        with self._counted(form.username):
            users = self._core.users
            claim = await self._lookups.run(users.claim, form.username)
            is_right = await self._hashing.run(users.verify, claim, form.password)
            begin = users.begin  # not where it hashes: a thread that stands back must not hold up who asks the store
            async with self._code_heard(form.username, form.code if is_right else None, address):
                token, session, ended = await self._lookups.run(begin, claim, is_right, address, form.code)
        for key in ended:
            self.end(key)
        return SessionView(token, session.user_id, session.username, time_text(session.expires_ns))

    async def _take_turn(self, username: str, code: str | None, address: str) -> None:
        """Count a login, known name or not. Raises Refusal(rate_limited)."""
        rates = self._gateway.rates
        rates.login(username, address)
        if rates.crowded(username):
            known = await self._lookups.run(self._core.users.addresses.knows, username.lower(), address)
            if not known:
                rates.new_address(username, address)
        if code:
            rates.code(username, address)

    @asynccontextmanager
    async def _code_heard(self, username: str, code: str | None, address: str) -> AsyncIterator[None]:
        """Hear a code, where there is one, within what the name may have of wrong ones. Raises Refusal(rate_limited).

        Only codes beside the right password count: else strangers could use up the owner's.
        """
        if not code:
            yield
            return
        rates = self._gateway.rates
        is_known = await self._lookups.run(self._core.users.addresses.knows, username.lower(), address)
        place = address if is_known else ""
        rates.hear_code(username, place)
        try:
            yield
        except Refusal as refusal:
            if refusal.code is not Code.BAD_CODE:
                rates.code_was_not_wrong(username, place)
            raise
        rates.code_was_not_wrong(username, place)

    @contextmanager
    def _counted(self, username: str) -> Iterator[None]:
        """Count it where a password or a code turns out to be wrong."""
        try:
            yield
        except Refusal as refusal:
            self._gateway.rates.failed(username, refusal.code)
            raise

    async def logout(self, token: str, address: str) -> None:
        """End the session of a token, and the websockets that speak for it."""
        key = token_key(token)
        await self._lookups.run(self._core.users.sessions.end, token, address)
        self.end(key)

    async def change_password(self, credential: Credential, form: PasswordForm, token: str, address: str) -> None:
        """Change the password of a login, and end the user's other ones. Raises Refusal: bad_credentials ..."""
        self._gateway.rates.proof(credential.username, address, token_key(token).hex())
        change = self._core.users.change_password
        ended = await self._hashing.run(change, credential.user_id, form.password, form.new_password, token, address)
        for key in ended:
            self.end(key)

    def require_fresh(self, credential: Credential) -> None:
        """Raise Refusal unless a login's user has just shown who they are: reauthentication_required, forbidden."""
        credential.require_fresh(self._core.clock.now_ns())

    def require_address(self, credential: Credential, host: str, address: str) -> None:
        """Raise Refusal(address_not_allowed) where a key may not be used from a host, and count it for the address."""
        try:
            credential.require_address(host)
        except Refusal:
            self._gateway.rates.stranger(address)
            raise

    async def reauthenticate(
        self, credential: Credential, form: ReauthenticationForm, token: str, address: str
    ) -> FreshView:
        """Make a login fresh again by what a login needs. Raises Refusal: bad_credentials, bad_code ..."""
        rates = self._gateway.rates
        rates.proof(credential.username, address, token_key(token).hex())
        if form.code:
            rates.code(credential.username, address)
        renew = self._core.users.reauthenticate
        try:
            async with self._code_heard(credential.username, form.code, address):
                until_ns = await self._hashing.run(renew, credential.user_id, token, form.password, address, form.code)
        except Refusal as refusal:
            if refusal.code is Code.BAD_CODE:  # a wrong password is counted by its session, not against new addresses
                rates.failed(credential.username, refusal.code)
            raise
        self._forget(token_key(token))
        return FreshView(time_text(until_ns))

    async def sessions(self, user_id: int, token: str) -> SessionList:
        """Return the sessions of a user, the one used last first; `current` is that of the token."""
        current = session_id(token_key(token))
        found = await self._lookups.run(self._core.users.sessions.of_user, user_id)
        return SessionList([open_session_view(session, current) for session in found])

    async def revoke_session(self, user_id: int, named: str, address: str) -> None:
        """End a session of a user, and the websockets that speak for it. Raises Refusal(unknown_session)."""
        self.end(await self._lookups.run(self._core.users.sessions.revoke, user_id, named, address))

    async def end_other_sessions(self, user_id: int, token: str, address: str) -> EndedSessions:
        """End all sessions of a user but that of the token."""
        ended = await self._lookups.run(self._core.users.sessions.end_others, user_id, token, address)
        for key in ended:
            self.end(key)
        return EndedSessions(len(ended))

    async def end_all(self, user_id: int) -> None:
        """End all sessions and API keys of a user, and the websockets that speak for them."""
        for key in await self._lookups.run(self._core.users.revoke_all, user_id):
            self.end(key)

    async def me(self, credential: Credential) -> MeView:
        """Return who asks, and what they may do."""
        user = await self._lookups.run(self._core.users.by_id, credential.user_id)
        if user is None:
            raise Refusal(Code.UNAUTHENTICATED, "the user of this token is gone")
        view = user_view(user)
        return MeView(view.id, view.username, view.email, view.created_at, credential.scopes, user.role)

    def known(self, key: bytes) -> Credential | None:
        """Return what the hash of a handle stands for, where that is known without asking the users store."""
        trusted = self._trusted.get(key)
        return trusted.credential if trusted is not None and self._core.clock.now_ns() < trusted.until_ns else None

    async def credential(self, handle: Handle, address: str | None = None) -> Credential:
        """Return what a token or key stands for. Raises Refusal(unauthenticated). Known ones cost no suspension.

        With an address, one that is not known counts as a request of that address (rate_limited).
        """
        key = handle.hash
        now_ns = self._core.clock.now_ns()
        known = self.known(key)
        if known is not None:
            return known
        if address is not None:
            self._gateway.rates.stranger(address)
        tries = 0
        while True:
            ends = self._ends
            credential = await self._look_up(handle, self._lookups)
            tries += 1
            if credential is None:
                self._trusted.pop(key, None)
                raise Refusal(Code.UNAUTHENTICATED, "this token is not, or is no longer, valid")
            if ends == self._ends:
                self._trust(key, credential, now_ns)
            elif tries < LOOKUP_TRIES_MAX:  # this very token may have been ended meanwhile
                continue
            return credential

    def _trust(self, key: bytes, credential: Credential, now_ns: int) -> None:
        until_ns = now_ns + TRUST_NS
        if credential.expires_ns is not None:
            until_ns = min(until_ns, credential.expires_ns)
        self._trusted[key] = _Trusted(credential, until_ns)
        if len(self._trusted) > TRUSTED_MAX:
            self._trusted.popitem(last=False)

    async def look_again(self, handle: Handle) -> Credential:
        """Return what a token or key stands for in the users store now. Raises Refusal(unauthenticated)."""
        self._trusted.pop(handle.hash, None)
        return await self.credential(handle)

    async def recheck(self, handle: Handle) -> None:
        """End what is told of a token by `watch` when it is no longer valid. This is no use of it: it may idle on."""
        key = handle.hash
        if self.known(key) is not None:
            return
        try:
            credential = await self._look_up(handle, self._rechecks, used=False)
        except Refusal:  # the users store has no time now: the next check tells
            return
        if credential is None:
            self.end(key)

    async def _look_up(self, handle: Handle, slots: Slots, *, used: bool = True) -> Credential | None:
        users = self._core.users
        if handle.is_api_key:
            key = await slots.run(users.api_keys.find_hashed, handle.hash, used=used)
            return None if key is None else of_api_key(key)
        session = await slots.run(users.sessions.find_hashed, handle.hash, used=used)
        return None if session is None else of_session(session)

    @property
    def ends(self) -> int:
        """How often tokens have ended so far."""
        return self._ends

    def end_tokens(self, keys: Iterable[bytes]) -> None:
        """Trust tokens no longer, by their hashes, and close the websockets that speak for them."""
        for key in keys:
            self.end(key)

    def end(self, key: bytes) -> None:
        """Trust a token no longer, and close the websockets that speak for it."""
        self._forget(key)
        for close in list(self._watchers.get(key, ())):
            close()

    def _forget(self, key: bytes) -> None:
        """Ask the users store about a token again when it comes next; what is being asked now is not kept."""
        self._ends += 1
        self._trusted.pop(key, None)

    def watch(self, key: bytes, ended: Callable[[], None]) -> Callable[[], None]:
        """Call `ended` when what this hash stands for is logged out or revoked. Return what stops the watching."""
        watchers = self._watchers.setdefault(key, set())
        watchers.add(ended)

        def stop() -> None:
            watchers.discard(ended)
            if not watchers and self._watchers.get(key) is watchers:
                del self._watchers[key]

        return stop


def open_session_view(session: OpenSession, current: str) -> OpenSessionView:
    """Return a session as its user sees it."""
    used_at, expires_at = time_text(session.used_ns), time_text(session.expires_ns)
    return OpenSessionView(session.id, time_text(session.created_ns), used_at, expires_at, session.id == current)
