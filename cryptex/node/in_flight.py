"""Requests of one connection whose replies are still to come: how many, and when there is room or quiet."""

import asyncio


class InFlight:
    """Counts them. At most one waits for room; any number may wait for quiet."""

    def __init__(self, maximum: int) -> None:
        self.count = 0
        self._maximum = maximum
        self._changed: asyncio.Event | None = None

    @property
    def full(self) -> bool:
        """Whether no more requests may be read."""
        return self.count >= self._maximum

    def enter(self) -> None:
        """Count a request that is under way."""
        self.count += 1

    def leave(self) -> None:
        """Count a reply."""
        self.count -= 1
        if self._changed is not None:
            self._changed.set()

    async def room(self) -> None:
        """Return when there is room for another."""
        while self.full:
            await self._change()

    async def quiet(self) -> None:
        """Return when every request before this call, and perhaps later ones, is answered."""
        while self.count:
            await self._change()

    async def _change(self) -> None:
        if self._changed is None or self._changed.is_set():
            self._changed = asyncio.Event()
        await self._changed.wait()
