"""The second factor of a login, as its user sets it up. All of it needs a fresh login."""

from typing import Final
from urllib.parse import quote, urlencode

from cryptex.node.core import Core
from cryptex.node.credential import Credential
from cryptex.node.rates import Rates
from cryptex.node.slots import Slots
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.times import time_text
from cryptex.protocol.views import RecoveryCodes, SecondFactorSecret, SecondFactorView

ISSUER: Final = "cryptex"
"""Who authenticators say that a code is for."""

CHANGES_AT_ONCE_MAX: Final = 1
CHANGES_WAITING_MAX: Final = 100


class SecondFactorDesk:
    """Turns the second factors of a node's users on and off. `session` is the hash of the token of who does it."""

    def __init__(self, core: Core, rates: Rates) -> None:
        self._core = core
        self._rates = rates
        self._slots = Slots(CHANGES_AT_ONCE_MAX, CHANGES_WAITING_MAX)

    async def status(self, user_id: int) -> SecondFactorView:
        """Return how it stands with a user's."""
        found = await self._slots.run(self._core.users.second_factors.of_user, user_id)
        enabled_at = None if found.enabled_ns is None else time_text(found.enabled_ns)
        return SecondFactorView(found.enabled_ns is not None, enabled_at, found.recovery_codes_left)

    async def begin(self, credential: Credential, session: bytes) -> SecondFactorSecret:
        """Return a new secret, to be confirmed. Raises Refusal(second_factor_enabled)."""
        begin = self._core.users.second_factors.begin
        secret = await self._slots.run(begin, credential.user_id, session=session)
        return SecondFactorSecret(secret, authenticator_uri(secret, credential.username))

    async def confirm(self, credential: Credential, code: str, address: str, session: bytes) -> RecoveryCodes:
        """Turn it on by a code of the secret. Raises Refusal: bad_code, rate_limited, second_factor_disabled ..."""
        self._rates.code(credential.username, address)
        enable = self._core.users.second_factors.enable
        try:
            codes = await self._slots.run(enable, credential.user_id, code, address, session=session)
        except Refusal as refusal:
            if refusal.code is Code.BAD_CODE:
                self._rates.failed(credential.username, refusal.code)
            raise
        return RecoveryCodes(codes)

    async def disable(self, user_id: int, address: str, session: bytes) -> None:
        """Turn it off. Raises Refusal(second_factor_disabled)."""
        await self._slots.run(self._core.users.second_factors.disable, user_id, address, session=session)

    async def renew_recovery_codes(self, user_id: int, address: str, session: bytes) -> RecoveryCodes:
        """Return new recovery codes; those before end. Raises Refusal(second_factor_disabled)."""
        renew = self._core.users.second_factors.renew_recovery_codes
        return RecoveryCodes(await self._slots.run(renew, user_id, address, session=session))


def authenticator_uri(secret: str, username: str) -> str:
    """Return the address by which authenticators take in a secret."""
    query = urlencode({"secret": secret, "issuer": ISSUER})
    return f"otpauth://totp/{ISSUER}:{quote(username)}?{query}"
