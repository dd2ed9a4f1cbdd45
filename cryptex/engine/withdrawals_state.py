"""Withdrawals and their rules as snapshots carry them."""

import msgspec

from cryptex.engine.exchange import Exchange
from cryptex.engine.withdrawal_rules import WithdrawalLimits
from cryptex.protocol.withdrawal import Withdrawal


class _NetworkState(msgspec.Struct, array_like=True):
    seed: str
    block_interval_ns: int
    confirmations: int
    base_height: int
    base_ns: int


class _SentState(msgspec.Struct, array_like=True):
    """What an account withdrew of an asset lately: (withdrawal id, time, units, automatic units)."""

    account_id: int
    asset: str
    sent: list[tuple[int, int, int, int]]


class WithdrawalsState(msgspec.Struct, array_like=True):
    """The network, the limits, the live withdrawals and the days."""

    network: _NetworkState
    limits: list[tuple[str, int | None, int | None]]
    live: list[Withdrawal]
    days: list[_SentState]
    next_id: int


def withdrawals_state(exchange: Exchange) -> WithdrawalsState:
    """Return what there is to keep."""
    withdrawals, network = exchange.withdrawals, exchange.withdrawal_rules.network
    return WithdrawalsState(
        _NetworkState(
            network.seed, network.block_interval_ns, network.confirmations, network.base_height, network.base_ns
        ),
        [(asset, *limits) for asset, limits in sorted(exchange.withdrawal_rules.limits.items())],
        [withdrawal for _, withdrawal in sorted(withdrawals.live.items())],
        [
            _SentState(account_id, asset, [(each, *sent) for each, sent in day.items()])
            for (account_id, asset), day in sorted(withdrawals.days.sent.items())
            if day
        ],
        withdrawals.next_id,
    )


def load_withdrawals(exchange: Exchange, state: WithdrawalsState) -> None:
    """Take over what `withdrawals_state` returned; accounts and assets are there. Raises ValueError, LookupError."""
    rules, withdrawals, said = exchange.withdrawal_rules, exchange.withdrawals, state.network
    if said.block_interval_ns < 1:
        raise ValueError("a network without blocks")
    network = rules.network
    network.seed, network.confirmations = said.seed, said.confirmations
    network.block_interval_ns = said.block_interval_ns
    network.base_height, network.base_ns = said.base_height, said.base_ns
    for asset, automatic_units, daily_units in state.limits:
        rules.limits[asset] = WithdrawalLimits(automatic_units, daily_units)
    for withdrawal in state.live:
        withdrawals.restore(withdrawal)
    for day in state.days:
        withdrawals.days.sent[day.account_id, day.asset] = {
            each: (at_ns, all_units, alone) for each, at_ns, all_units, alone in day.sent
        }
    withdrawals.next_id = state.next_id
