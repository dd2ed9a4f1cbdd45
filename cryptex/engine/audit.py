"""The engine's own auditor: every rule that always holds, checked from the state alone."""

from collections import deque

from cryptex.engine.accounts import Account, Accounts
from cryptex.engine.errors import InvariantBroken, require
from cryptex.engine.ledger import Ledger
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.order import PENDING, WorkingOrder
from cryptex.engine.orders import Orders
from cryptex.engine.seat import Seat
from cryptex.engine.withdrawals import LIVE_WITHDRAWALS_MAX, Withdrawals
from cryptex.protocol.terms import LIVE_WITHDRAWALS, OPEN_STATUSES, OrderType, Side, WithdrawalStatus


def check(
    accounts: Accounts,
    ledger: Ledger,
    orders: Orders,
    markets: dict[str, LiveMarket],
    reached: deque[WorkingOrder],
    withdrawals: Withdrawals,
) -> None:
    """Raise InvariantBroken unless books, orders, holds and balances agree. O(state)."""
    ledger.check()
    for market in markets.values():
        market.book.check()
        require(not market.is_open or not market.book.is_crossed, f"the book of {market.symbol} is crossed")
        require(market.is_open or market.breaker is None or not market.breaker.highs, "a breaker counts while halted")
        require(not market.is_open or not market.parked_stops, f"{market.symbol} is open and has stops set aside")
        require(not market.is_open or not market.state_ends_ns, f"{market.symbol} is open until a time")
        market.stops.check(market.last_price_ticks)
    for account in accounts.by_id.values():
        _check_account(account, markets)
    _check_withdrawals(accounts, withdrawals)
    waiting = {order.order_id for order in reached}
    waiting.update(order.order_id for market in markets.values() for order in market.parked_stops)
    for order_id, order in orders.live.items():
        fault = _order_fault(order, markets[order.market], waiting)
        if order.order_id != order_id:
            fault = "is kept under another id"
        elif accounts.by_id[order.account_id].orders.get(order_id) is not order:
            fault = "lost its account"
        if fault:
            raise InvariantBroken(f"order {order_id} {fault}")
    for symbol, market in markets.items():
        alive = sum(order.market == symbol for order in orders.live.values())
        require(market.open_orders == alive, f"{symbol} miscounts its orders")
        for account_id, seat in market.seats.items():
            _check_seat(seat, accounts.by_id[account_id])
    require(
        len(orders.live) == sum(len(account.orders) for account in accounts.by_id.values()),
        "an account keeps an order that is not alive",
    )


def _check_account(account: Account, markets: dict[str, LiveMarket]) -> None:
    held: dict[str, int] = {}
    for order in account.orders.values():
        asset = markets[order.market].held_asset(order.side)
        held[asset] = held.get(asset, 0) + order.held_units
    for withdrawal in account.withdrawals.values():
        held[withdrawal.asset] = held.get(withdrawal.asset, 0) + withdrawal.units
    for asset, balance in account.balances.items():
        require(
            balance.held == held.get(asset, 0),
            f"account {account.account_id} holds {asset} for no order or withdrawal",
        )


def _check_withdrawals(accounts: Accounts, withdrawals: Withdrawals) -> None:
    kept = 0
    for account in accounts.by_id.values():
        kept += len(account.withdrawals)
        require(len(account.withdrawals) <= LIVE_WITHDRAWALS_MAX, f"account {account.account_id} withdraws too often")
    require(kept == len(withdrawals.live), "an account keeps a withdrawal that is not alive")
    for withdrawal_id, withdrawal in withdrawals.live.items():
        name, account = f"withdrawal {withdrawal_id}", accounts.by_id[withdrawal.account_id]
        require(account.withdrawals.get(withdrawal_id) is withdrawal, f"{name} lost its account")
        require(withdrawal.status in LIVE_WITHDRAWALS, f"{name} is alive and {withdrawal.status}")
        waits = withdrawal.status is WithdrawalStatus.REQUESTED
        require(waits != (withdrawal_id in withdrawals.due), f"{name} waits for what does not come")
        pinned = account.references.pinned.get(withdrawal.reference)
        require(not withdrawal.reference or pinned is not None, f"{name} lost its reference")
    require(len(withdrawals.due) <= len(withdrawals.live), "a withdrawal that ended has a time to go on")


def _check_seat(seat: Seat, account: Account) -> None:
    name, market = f"the seat of account {account.account_id} in {seat.market.symbol}", seat.market
    balances = account.balances
    require(
        seat.account is account and seat.base is balances[market.base] and seat.quote is balances[market.quote],
        f"{name} is another's",
    )
    alive = sum(order.seat is seat for order in account.orders.values())
    require(seat.open_orders == alive, f"{name} miscounts its orders")


def _order_fault(order: WorkingOrder, market: LiveMarket, waiting: set[int]) -> str:
    """Return what is wrong with an order by itself; nothing for a sound one, and no text is made for those."""
    if order.status not in OPEN_STATUSES:
        return f"is alive and {order.status}"
    if order.size_lots and order.size_lots != order.filled_lots + order.remaining_lots + order.canceled_lots:
        return "has a size that is not filled + remaining + canceled"
    if order.held_units != _need_units(order, market):
        return "holds other than it needs"
    if order.status is PENDING:
        stops = market.stops.of(order.side)
        known = order.order_id in stops.prices.get(order.stop_ticks * stops.sign, {}) or order.order_id in waiting
        return "" if known else "waits nowhere"
    rests = order.level is not None and order.level.price_ticks == order.price_ticks
    return "" if rests else "rests nowhere"


def _need_units(order: WorkingOrder, market: LiveMarket) -> int:
    if order.side is Side.SELL:
        return order.remaining_lots * market.lot_units
    if order.price_ticks:
        return order.price_ticks * order.remaining_lots * market.notional_units
    return order.request.quote_units if order.request.type is OrderType.STOP else 0
