"""The simulated network: its height, transaction ids, deposit addresses, and what it refuses. All from log and seed."""

import hmac
from hashlib import sha256
from typing import Final

from cryptex.protocol.addresses import PAYLOAD_BYTES, address_text, payload_of
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

BLOCK_INTERVAL_NS: Final = 5 * NANOSECONDS_PER_SECOND
CONFIRMATIONS: Final = 3
"""How it runs where nothing was journaled."""

REFUSED_ADDRESS: Final = "test-refused"
"""The network takes no transaction to it."""

DROPPED_ADDRESS: Final = "test-dropped"
"""The network takes a transaction to it and loses it before it is confirmed."""

_ACCOUNT_BYTES: Final = 6
_TAG_BYTES: Final = PAYLOAD_BYTES - _ACCOUNT_BYTES


class Network:
    """A chain of blocks at a steady pace. `base_height` was reached at `base_ns`, when its pace was set."""

    def __init__(self) -> None:
        self.seed = ""
        self.block_interval_ns = BLOCK_INTERVAL_NS
        self.confirmations = CONFIRMATIONS
        self.base_height = 0
        self.base_ns = 0

    def define(self, block_interval_ns: int, confirmations: int, seed: str, now_ns: int) -> None:
        """Set how it runs from now on; its height goes on from where it is."""
        self.base_height, self.base_ns = self.height(now_ns), now_ns
        self.block_interval_ns = block_interval_ns
        self.confirmations = confirmations
        self.seed = seed or self.seed

    def height(self, time_ns: int) -> int:
        """Return the number of the last block at a log time."""
        return self.base_height + (time_ns - self.base_ns) // self.block_interval_ns

    def time_ns(self, height: int) -> int:
        """Return when a block is found."""
        return self.base_ns + (height - self.base_height) * self.block_interval_ns

    def txid(self, withdrawal_id: int, asset: str, units: int, address: str) -> str:
        """Return the id of a withdrawal's transaction: 64 hexadecimal characters."""
        return sha256(f"{self.seed}/{withdrawal_id}/{asset}/{units}/{address}".encode()).hexdigest()

    def deposit_address(self, account_id: int, asset: str) -> str:
        """Return where an account receives an asset. It is always the same, and says nothing without the seed."""
        account = account_id.to_bytes(_ACCOUNT_BYTES, "big")
        tag = self._digest(b"account", asset, account)[:_TAG_BYTES]
        return address_text(asset, tag + self._masked(asset, tag, account))

    def owner_of(self, asset: str, address: str) -> int | None:
        """Return the account that receives an asset at an address; None for one of the world outside."""
        try:
            payload = payload_of(asset, address)
        except ValueError:
            return None
        if payload is None:
            return None
        tag = payload[:_TAG_BYTES]
        account = self._masked(asset, tag, payload[_TAG_BYTES:])
        if self._digest(b"account", asset, account)[:_TAG_BYTES] != tag:
            return None
        return int.from_bytes(account, "big")

    def _masked(self, asset: str, tag: bytes, account: bytes) -> bytes:
        mask = self._digest(b"mask", asset, tag)
        return bytes([one ^ other for one, other in zip(account, mask[:_ACCOUNT_BYTES], strict=True)])

    def _digest(self, purpose: bytes, asset: str, data: bytes) -> bytes:
        return hmac.digest(self.seed.encode(), b"/".join((purpose, asset.encode(), data)), "sha256")
