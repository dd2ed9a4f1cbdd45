"""Allow-lists of withdrawals: looked at, added to, turned on and off by their user."""

from cryptex.node.core import Core
from cryptex.node.slots import Slots
from cryptex.node.withdrawing import LISTS_READ_MAX, LISTS_WAITING_MAX, Withdrawing
from cryptex.protocol.times import time_text
from cryptex.protocol.wallet import AllowedAddressForm, AllowedAddressView, AllowListView
from cryptex.store.allow_lists import AllowedAddress, AllowList


class AllowListing:
    """Acts for users; `client` is where a request came from, `session` the hash of the token of the login that asks.

    Raises Refusal: unauthenticated where that login has ended before its turn came.
    """

    def __init__(self, core: Core, withdrawing: Withdrawing) -> None:
        self._core = core
        self._withdrawing = withdrawing
        self._slots = Slots(LISTS_READ_MAX, LISTS_WAITING_MAX)

    @property
    def _delay_ns(self) -> int:
        return self._core.settings.withdrawals.allow_list_delay_ns

    async def show(self, user_id: int) -> AllowListView:
        """Return the list of a user."""
        return _list_view(await self._slots.run(self._core.users.allow_lists.of_user, user_id))

    async def switch(self, user_id: int, client: str, session: bytes, *, on: bool) -> AllowListView:
        """Turn the list on at once, or off after the delay."""
        lists = self._core.users.allow_lists
        if on:
            return _list_view(await self._slots.run(lists.enable, user_id, client, session=session))
        return _list_view(await self._slots.run(lists.disable, user_id, self._delay_ns, client, session=session))

    async def add(
        self, user_id: int, form: AllowedAddressForm, client: str, session: bytes
    ) -> tuple[AllowedAddressView, bool]:
        """Add an address. Return it, and whether it was there."""
        asset, address = self._withdrawing.destination(form.asset, form.address)
        add, delay_ns = self._core.users.allow_lists.add, self._delay_ns
        label = form.label
        added, known = await self._slots.run(add, user_id, asset, address, label, delay_ns, client, session=session)
        return _address_view(added), known

    async def remove(self, user_id: int, address_id: int, client: str, session: bytes) -> None:
        """Take an address off at once."""
        await self._slots.run(self._core.users.allow_lists.remove, user_id, address_id, client, session=session)


def _list_view(found: AllowList) -> AllowListView:
    ends_at = None if found.ends_ns is None else time_text(found.ends_ns)
    return AllowListView(found.enabled, ends_at, [_address_view(address) for address in found.addresses])


def _address_view(address: AllowedAddress) -> AllowedAddressView:
    created_at, usable_at = time_text(address.created_ns), time_text(address.usable_ns)
    return AllowedAddressView(address.id, address.asset, address.address, address.label, created_at, usable_at)
