"""Orders and funds by account: what REST and the websocket both do, once authenticated.

Each command method submits before its first suspension, so tasks started in order are journaled in order.
"""

from typing import Final, TypeVar

import msgspec

from cryptex.node.core import Core
from cryptex.node.gateway import Gateway
from cryptex.node.sequencer import Reply
from cryptex.node.slots import Slots
from cryptex.protocol.commands import CancelOnDisconnect, CancelOrder, Command, PlaceOrder
from cryptex.protocol.events import (
    CancelAfterSet,
    CancelOnDisconnectSet,
    CommandRejected,
    Deposited,
    Event,
    OrderRejected,
    OrderRepeated,
    OrdersCanceled,
)
from cryptex.protocol.order import Order
from cryptex.protocol.problems import Code, Refusal, invalid
from cryptex.protocol.render import balance_view, order_view
from cryptex.protocol.requests import AmendForm, AmendParams, CancelAfterParams, DepositForm, OrderRef
from cryptex.protocol.terms import OPEN_STATUSES, EntryKind
from cryptex.protocol.times import time_text
from cryptex.protocol.views import BalanceView, EntryView, OrderList, OrderView, PostingView

HISTORY_READS_MAX: Final = 4
HISTORY_WAITING_MAX: Final = 256

E = TypeVar("E", bound=Event)


class Trading:
    """Acts for accounts. Every method raises Refusal where the exchange says no."""

    def __init__(self, core: Core, gateway: Gateway) -> None:
        self.core = core
        self.gateway = gateway
        self.history_slots = Slots(HISTORY_READS_MAX, HISTORY_WAITING_MAX)

    async def place(self, command: PlaceOrder) -> OrderView:
        """Place an order and return it as it then stood; with `duplicate` where its client_order_id made it before."""
        reply = await self.core.sequencer.submit(command)
        return self.placed(reply) or await self.placed_before(reply)

    def placed(self, reply: Reply) -> OrderView | None:
        """Return the order that a place led to; None where it repeats one that memory no longer has."""
        answer = reply.answer
        if type(answer) is OrderRejected:
            raise Refusal(answer.code, answer.message, **{**answer.details, "order_id": answer.order_id})
        if type(answer) is CommandRejected:
            raise Refusal(answer.code, answer.message, **answer.details)
        if type(answer) is OrderRepeated and reply.order is None:
            return None
        return _order_of(reply)

    async def placed_before(self, reply: Reply) -> OrderView:
        """Return the order that a place repeats, from history."""
        answer = _expect(reply, OrderRepeated)
        order = await self._known(answer.account_id, answer.order_id)
        return msgspec.structs.replace(order, duplicate=True)

    async def amend(self, account_id: int, order_id: int, form: AmendForm | AmendParams) -> OrderView:
        """Give an open order new values."""
        order = self.live(account_id, order_id)
        if order is None:
            raise await self._not_open(account_id, order_id)
        return await self._change(account_id, order_id, self.gateway.amend(order, form))

    async def cancel(self, account_id: int, order_id: int) -> OrderView:
        """Cancel an open order."""
        return await self._change(account_id, order_id, CancelOrder(account_id, order_id))

    async def cancel_all(self, account_id: int, market: str | None) -> list[int]:
        """Cancel all open orders of an account, in one market or all. Return their ids."""
        reply = await self.core.sequencer.submit(self.gateway.cancel_all(account_id, market))
        return list(_expect(reply, OrdersCanceled).order_ids)

    async def cancel_after(self, account_id: int, form: CancelAfterParams) -> str | None:
        """Set the dead man's switch. Return when it fires; None when it is off."""
        reply = await self.core.sequencer.submit(self.gateway.cancel_after(account_id, form))
        deadline_ns = _expect(reply, CancelAfterSet).deadline_ns
        return time_text(deadline_ns) if deadline_ns else None

    async def cancel_on_disconnect(self, account_id: int, connection_id: int, *, enabled: bool) -> None:
        """Tie the orders of a connection to its life, or no longer."""
        reply = await self.core.sequencer.submit(CancelOnDisconnect(account_id, connection_id, enabled))
        _expect(reply, CancelOnDisconnectSet)

    async def deposit(self, account_id: int, form: DepositForm) -> tuple[EntryView, bool]:
        """Bring simulated funds in. Return the ledger entry, and whether its reference had brought it in before."""
        command = self.gateway.deposit(account_id, form)
        with self.gateway.coming_in(command):
            reply = await self.core.sequencer.submit(command)
        moved = _expect(reply, Deposited)
        return await self._deposited(reply, moved), moved.repeated

    async def _deposited(self, reply: Reply, moved: Deposited) -> EntryView:
        """Return the ledger entry of funds that came in now or, by the same request, before."""
        if moved.repeated:
            return await self._entry(moved.account_id, moved.entry_id)
        asset = self.core.exchange.assets[moved.asset]
        line = PostingView(asset.symbol, "available", asset.text(moved.units), asset.text(moved.available))
        time = time_text(reply.time_ns)
        return EntryView(moved.entry_id, EntryKind.DEPOSIT, moved.reference, reply.sequence, time, (line,))

    def balances(self, account_id: int) -> list[BalanceView]:
        """Return what an account has, of every asset."""
        balances = self.core.exchange.balances(account_id)
        return [balance_view(asset, available, held) for asset, available, held in balances]

    def open_orders(self, account_id: int, market: str | None = None) -> list[OrderView]:
        """Return the live orders of an account, oldest first."""
        orders = self.core.exchange.open_orders(account_id, self.gateway.market_name(market))
        return [self.view(order) for order in orders]

    def as_of_now(self, account_id: int, page: OrderList) -> OrderList:
        """Return a page of history in which no order is open that has ended or changed since: history comes later."""
        return OrderList([self._newest(account_id, order) for order in page.orders], page.next)

    def _newest(self, account_id: int, known: OrderView) -> OrderView:
        if known.status not in OPEN_STATUSES:
            return known
        order = self.live(account_id, known.id) or self.core.recent.find_order(account_id, known.id)
        return known if order is None else self.view(order)

    def view(self, order: Order) -> OrderView:
        """Return an order as its owner sees it."""
        return order_view(order, self.core.exchange.definition(order.market))

    def live(self, account_id: int, order_id: int) -> Order | None:
        """Return a live order of the account."""
        order = self.core.exchange.order(order_id)
        return order if order is not None and order.account_id == account_id and order.status in OPEN_STATUSES else None

    def live_id(self, account_id: int, ref: OrderRef | AmendParams) -> int | None:
        """Return the id that a request names, by id or by a key that the engine knows. Raises Refusal on its form."""
        if (ref.id is None) == (ref.client_order_id is None):
            raise invalid("id", "give either id or client_order_id")
        if ref.id is not None:
            return ref.id
        return self.core.exchange.order_id_for(account_id, ref.client_order_id or "")

    async def order_id(self, account_id: int, ref: OrderRef | AmendParams) -> int:
        """Return the id that a request names, looking into history for keys that the engine has forgotten."""
        found = self.live_id(account_id, ref)
        if found is not None:
            return found
        return (await self.order_by_client_id(account_id, ref.client_order_id or "")).id

    async def order(self, account_id: int, order_id: int) -> OrderView:
        """Return an order of the account, live or ended. Another account's is unknown_order."""
        return await self._known(account_id, order_id)

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> OrderView:
        """Return the newest order that a key stands or stood for."""
        order_id = self.core.exchange.order_id_for(account_id, client_order_id)
        if order_id is not None:
            return await self._known(account_id, order_id)
        await self.core.history_ready(account_id)
        found = await self.history_slots.run(self.core.history.order_by_client_id, account_id, client_order_id)
        if found is None:
            raise Refusal(Code.UNKNOWN_ORDER, "no order of yours has this client_order_id")
        return found

    async def _change(self, account_id: int, order_id: int, command: Command) -> OrderView:
        reply = await self.core.sequencer.submit(command)
        return self.changed(reply) or await self.unchanged(account_id, order_id)

    def changed(self, reply: Reply) -> OrderView | None:
        """Return the order that an amend or a cancel led to; None where it was not open."""
        answer = reply.answer
        if type(answer) is not CommandRejected:
            return _order_of(reply)
        if answer.code in (Code.UNKNOWN_ORDER, Code.NOT_OPEN):
            return None
        raise Refusal(answer.code, answer.message, **answer.details)

    async def unchanged(self, account_id: int, order_id: int) -> OrderView:
        """Raise the Refusal of a change to an order that is not open, which says what became of it."""
        raise await self._not_open(account_id, order_id)

    async def _not_open(self, account_id: int, order_id: int) -> Refusal:
        """Return why an order cannot be changed: it has ended, or is not this account's (which looks like none)."""
        try:
            order = await self._known(account_id, order_id)
        except Refusal as refusal:
            return refusal
        if order.status in OPEN_STATUSES:  # it came after the command that named it
            return _unknown(order_id)
        detail = f"order {order_id} has ended: {order.status.value}"
        reason = None if order.reason is None else order.reason.value
        return Refusal(Code.NOT_OPEN, detail, order_id=order_id, order_status=order.status.value, reason=reason)

    async def _known(self, account_id: int, order_id: int) -> OrderView:
        order = self.core.exchange.order(order_id)
        if order is None:
            order = self.core.recent.find_order(account_id, order_id)
        if order is not None:
            if order.account_id != account_id:
                raise _unknown(order_id)
            return self.view(order)
        await self.core.history_ready(account_id)
        found = await self.history_slots.run(self.core.history.order, account_id, order_id)
        if found is None:
            raise _unknown(order_id)
        return found

    async def _entry(self, account_id: int, entry_id: int) -> EntryView:
        """Return a ledger entry that was made before; asking again is harmless, so history may be waited for."""
        await self.core.history_ready(account_id)
        history = self.core.history
        page = await self.history_slots.run(history.entries, account_id, limit=1, before=entry_id + 1)
        if not page.entries:
            raise Refusal(Code.UNAVAILABLE, "the history of this transfer is not there yet")
        return page.entries[0]


def _expect(reply: Reply, kind: type[E]) -> E:
    """Return the answer that a command has when it is done. Raises Refusal when it was rejected."""
    answer = reply.answer
    if isinstance(answer, kind):
        return answer
    if isinstance(answer, CommandRejected):
        raise Refusal(answer.code, answer.message, **answer.details)
    raise TypeError(f"{type(answer).__name__} is not {kind.__name__}")


def _order_of(reply: Reply) -> OrderView:
    if reply.order is None:
        raise TypeError(f"{type(reply.answer).__name__} came without its order")
    return reply.order


def _unknown(order_id: int) -> Refusal:
    return Refusal(Code.UNKNOWN_ORDER, f"no order of yours has the id {order_id}", order_id=order_id)
