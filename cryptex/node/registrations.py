"""Registration: a name is reserved, the account is opened in the log, and then the user is written."""

from contextlib import suppress
from typing import Final

from cryptex.node.core import Core
from cryptex.node.gateway import Gateway
from cryptex.node.slots import Slots
from cryptex.protocol.commands import OpenAccount
from cryptex.protocol.events import AccountOpened, CommandRejected
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.requests import RegisterForm
from cryptex.protocol.times import time_text
from cryptex.protocol.views import UserView
from cryptex.store.users import User

UNSETTLED_MAX: Final = 256
"""Registrations that wait for room in the users store to be finished; with so many, nobody new is taken."""


class Registrations:
    """The registrations of a node. Passwords are hashed in `hashing`; `lookups` are turns at the users store."""

    def __init__(self, core: Core, gateway: Gateway, hashing: Slots, lookups: Slots) -> None:
        self._core = core
        self._gateway = gateway
        self._hashing = hashing
        self._lookups = lookups
        self._unsettled: dict[str, int | None] = {}
        """Registrations that the users store had no room to finish: their account, None where it was not opened."""

    async def register(self, form: RegisterForm, address: str) -> UserView:
        """Register a user and open the account. Raises Refusal: duplicate_user, weak_password, invalid_request ..."""
        self._gateway.rates.door(address)
        users = self._core.users
        await self.settle()
        if len(self._unsettled) >= UNSETTLED_MAX:
            raise Refusal(Code.UNAVAILABLE, "the users store has no room: registrations wait until it has")
        key = await self._hashing.run(users.reserve, form.username, form.password, form.email)
        try:
            reply = await self._core.sequencer.submit(OpenAccount(key, self._gateway.opening_grants()))
        except Refusal as refusal:
            if (
                refusal.code is Code.UNAVAILABLE
            ):  # proven not to be in the journal; anything else is start-up's to settle
                await self._release(key)
            raise
        answer = reply.answer
        if isinstance(answer, CommandRejected):  # such as a grant that the exchange cannot count any more
            await self._release(key)
            raise Refusal(answer.code, answer.message, **answer.details)
        if not isinstance(answer, AccountOpened):
            raise TypeError(f"OpenAccount was answered with {type(answer).__name__}")
        try:
            user = await self._lookups.run(users.complete, key, answer.account_id, address)
        except Refusal:  # the account is open, and the user is written as soon as it can be
            self._unsettled[key] = answer.account_id
            detail = "the account is open, but its user could not be written yet: log in when there is room"
            raise Refusal(Code.OUTCOME_UNKNOWN, detail) from None
        return user_view(user)

    async def _release(self, key: str) -> None:
        """Give a name back, now or as soon as that can be written."""
        try:
            await self._lookups.run(self._core.users.release, key)
        except Refusal:
            self._unsettled[key] = None

    async def settle(self) -> None:
        """Finish what the users store had no room for, as far as it has now."""
        users = self._core.users
        for key, account_id in list(self._unsettled.items()):
            with suppress(Refusal):
                if account_id is None:
                    await self._lookups.run(users.release, key)
                else:
                    await self._lookups.run(users.complete, key, account_id)
                self._unsettled.pop(key, None)


def user_view(user: User) -> UserView:
    """Return a user as they see themselves."""
    return UserView(user.id, user.username, user.email, time_text(user.created_ns))
