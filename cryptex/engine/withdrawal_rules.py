"""How the simulated network runs, and what may leave in a day: configuration that enters only through the log."""

from typing import Final, NamedTuple

from cryptex.engine.admission import Reason
from cryptex.engine.network import Network
from cryptex.engine.transfers import unknown_asset
from cryptex.protocol.commands import DefineNetwork, LimitWithdrawals
from cryptex.protocol.events import NetworkDefined, WithdrawalLimitsSet
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code


class WithdrawalLimits(NamedTuple):
    """What an account may withdraw of an asset in a day: without an admin, and in all. None: no limit."""

    automatic_units: int | None
    daily_units: int | None


NO_LIMITS: Final = WithdrawalLimits(None, None)


class WithdrawalRules:
    """The network and the limits of each asset."""

    def __init__(self, assets: dict[str, Asset]) -> None:
        self.assets = assets
        self.network = Network()
        self.limits: dict[str, WithdrawalLimits] = {}

    def of(self, asset: str) -> WithdrawalLimits:
        """Return the limits of an asset."""
        return self.limits.get(asset, NO_LIMITS)

    def define_network(self, command: DefineNetwork, now_ns: int) -> NetworkDefined | Reason:
        """Set how the network runs from now on; its height goes on from where it is."""
        for field, value in (
            ("block_interval", command.block_interval_ns),
            ("confirmations", command.confirmations),
        ):
            if value < 1:
                return Reason(Code.INVALID_REQUEST, f"{field} must be above zero", {"field": field})
        network = self.network
        network.define(command.block_interval_ns, command.confirmations, command.seed, now_ns)
        return NetworkDefined(network.block_interval_ns, network.confirmations, network.height(now_ns))

    def limit(self, command: LimitWithdrawals) -> WithdrawalLimitsSet | Reason:
        """Set what an account may withdraw of an asset in a day."""
        if command.asset not in self.assets:
            return unknown_asset(command.asset)
        self.limits[command.asset] = WithdrawalLimits(command.automatic_units, command.daily_units)
        return WithdrawalLimitsSet(command.asset, command.automatic_units, command.daily_units)
