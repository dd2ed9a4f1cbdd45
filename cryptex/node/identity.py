"""Who asks: registration, login, and the sessions behind tokens. Passwords are hashed off the event loop."""

import os
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple

from cryptex.node.core import Core
from cryptex.node.gateway import Gateway
from cryptex.node.http import retry_after
from cryptex.node.slots import Slots
from cryptex.node.throttle import TokenBuckets
from cryptex.protocol.commands import OpenAccount
from cryptex.protocol.events import AccountOpened
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.requests import TOKEN_LENGTH_MAX, RegisterForm, SessionForm
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.protocol.times import time_text
from cryptex.protocol.views import MeView, SessionView, UserView
from cryptex.store.users import Session, User

HASHES_WAITING_MAX: Final = 64
"""Logins and registrations that wait for a core."""

LOOKUPS_MAX: Final = 2
LOOKUPS_WAITING_MAX: Final = 1000
"""Sessions looked up in the users store at once, and in waiting."""

TRUST_NS: Final = 10 * NANOSECONDS_PER_SECOND
"""How long a session is known without asking the users store again. A logout on this node ends it at once."""

TRUSTED_MAX: Final = 10_000
SCOPES: Final = ("read", "trade", "withdraw")
"""What a login may do."""


class _Trusted(NamedTuple):
    session: Session
    until_ns: int


class Identity:
    """The people side of a node."""

    def __init__(self, core: Core, gateway: Gateway) -> None:
        self._core = core
        self._gateway = gateway
        self._hashing = Slots(os.cpu_count() or 1, HASHES_WAITING_MAX)
        self._lookups = Slots(LOOKUPS_MAX, LOOKUPS_WAITING_MAX)
        per_minute = core.settings.limits.logins_per_minute
        self._logins = TokenBuckets[str](per_minute / 60, per_minute)
        self._trusted: OrderedDict[bytes, _Trusted] = OrderedDict()
        self._logouts = 0
        self._watchers: dict[bytes, set[Callable[[], None]]] = {}

    async def register(self, form: RegisterForm) -> UserView:
        """Register a user and open the account. Raises Refusal: duplicate_user, weak_password, invalid_request ..."""
        users = self._core.users
        key = await self._hashing.run(users.reserve, form.username, form.password, form.email)
        try:
            reply = await self._core.sequencer.submit(OpenAccount(key, self._gateway.opening_grants()))
        except Refusal as refusal:
            if (
                refusal.code is Code.UNAVAILABLE
            ):  # proven not to be in the journal; anything else is start-up's to settle
                await self._lookups.run(users.release, key)
            raise
        answer = reply.answer
        if not isinstance(answer, AccountOpened):
            raise TypeError(f"OpenAccount was answered with {type(answer).__name__}")
        try:
            user = await self._lookups.run(users.complete, key, answer.account_id)
        except Refusal:  # the account is open: the next start writes the user that could not be written now
            detail = "the account is open, but its user could not be written yet; the node's next start does it"
            raise Refusal(Code.OUTCOME_UNKNOWN, detail) from None
        return user_view(user)

    async def login(self, form: SessionForm) -> SessionView:
        """Begin a session. Raises Refusal: bad_credentials, rate_limited."""
        wait_s = self._logins.take(form.username.casefold(), self._core.clock.now_ns())
        if wait_s:
            detail = "too many logins with this username"
            raise Refusal(Code.RATE_LIMITED, detail, retry_after=retry_after(wait_s))
        token, session = await self._hashing.run(self._core.users.login, form.username, form.password)
        return SessionView(token, session.user_id, session.username, time_text(session.expires_ns))

    async def logout(self, token: str) -> None:
        """End the session of a token, and the websockets that speak for it."""
        key = _key(token)
        await self._lookups.run(self._core.users.logout, token)
        self._logouts += 1
        self._trusted.pop(key, None)
        for close in list(self._watchers.get(key, ())):
            close()

    async def me(self, session: Session) -> MeView:
        """Return who asks."""
        user = await self._lookups.run(self._core.users.by_id, session.user_id)
        if user is None:
            raise Refusal(Code.UNAUTHENTICATED, "the user of this token is gone")
        view = user_view(user)
        return MeView(view.id, view.username, view.email, view.created_at, SCOPES)

    async def session(self, token: str) -> Session:
        """Return the session of a token. Raises Refusal(unauthenticated). Known sessions cost no suspension."""
        key = _key(token)
        now_ns = self._core.clock.now_ns()
        known = self._trusted.get(key)
        if known is not None and now_ns < known.until_ns:
            return known.session
        logouts = self._logouts
        session = await self._lookups.run(self._core.users.session, token)
        if session is None:
            self._trusted.pop(key, None)
            raise Refusal(Code.UNAUTHENTICATED, "this token is not, or is no longer, valid")
        if logouts == self._logouts:  # else this very token may have been logged out meanwhile
            self._trusted[key] = _Trusted(session, min(now_ns + TRUST_NS, session.expires_ns))
        if len(self._trusted) > TRUSTED_MAX:
            self._trusted.popitem(last=False)
        return session

    def watch(self, token: str, ended: Callable[[], None]) -> Callable[[], None]:
        """Call `ended` when the token is logged out. Return what stops the watching."""
        key = _key(token)
        watchers = self._watchers.setdefault(key, set())
        watchers.add(ended)

        def stop() -> None:
            watchers.discard(ended)
            if not watchers and self._watchers.get(key) is watchers:
                del self._watchers[key]

        return stop


def user_view(user: User) -> UserView:
    """Return a user as they see themselves."""
    return UserView(user.id, user.username, user.email, time_text(user.created_ns))


def _key(token: str) -> bytes:
    """Return what stands for a token in memory. Raises Refusal(unauthenticated) for what cannot be one."""
    if not 0 < len(token) <= TOKEN_LENGTH_MAX or not token.isascii():
        raise Refusal(Code.UNAUTHENTICATED, "this token is not, or is no longer, valid")
    return sha256(token.encode("ascii")).digest()
