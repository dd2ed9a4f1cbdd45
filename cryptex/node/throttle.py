"""Token buckets: how often somebody may ask."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

KEYS_MAX: Final = 20_000
"""Buckets kept at once; beyond it the one used longest ago is forgotten, which makes it full again."""

K = TypeVar("K", int, str, tuple[str, str])


class TokenBuckets(Generic[K]):
    """A bucket for each key: it holds `burst` tokens and gains `rate` tokens a second. A rate of 0 lets all pass.

    `take` is O(1). Time is an argument, in nanoseconds.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate_per_ns = rate / 1e9
        self._burst = burst
        self._buckets: OrderedDict[K, tuple[float, int]] = OrderedDict()

    def wait_s(self, key: K, now_ns: int) -> float:
        """Return the seconds until there is a token, and take none."""
        if self._rate_per_ns <= 0:
            return 0.0
        tokens, then_ns = self._buckets.get(key, (self._burst, now_ns))
        tokens = min(self._burst, tokens + (now_ns - then_ns) * self._rate_per_ns) if now_ns > then_ns else tokens
        return 0.0 if tokens >= 1.0 else (1.0 - tokens) / self._rate_per_ns / 1e9

    def take(self, key: K, now_ns: int) -> float:
        """Take a token. Return 0.0, or the seconds until there is one."""
        if self._rate_per_ns <= 0:
            return 0.0
        tokens, then_ns = self._buckets.pop(key, (self._burst, now_ns))
        tokens = min(self._burst, tokens + (now_ns - then_ns) * self._rate_per_ns) if now_ns > then_ns else tokens
        granted = tokens >= 1.0
        self._buckets[key] = (tokens - 1.0 if granted else tokens, now_ns)
        if len(self._buckets) > KEYS_MAX:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1.0 - tokens) / self._rate_per_ns / 1e9

    def give_back(self, key: K) -> None:
        """Give back a token that was taken for nothing."""
        if key in self._buckets:
            tokens, then_ns = self._buckets[key]
            self._buckets[key] = (min(self._burst, tokens + 1.0), then_ns)

    def take_more(self, key: K, now_ns: int, count: int) -> float:
        """Take so many more tokens, all of a full bucket at most, for what `take` let pass. Return as it does."""
        if self._rate_per_ns <= 0 or count <= 0:
            return 0.0
        wanted = min(float(count), max(self._burst - 1.0, 0.0))
        tokens, then_ns = self._buckets.get(key, (self._burst, now_ns))
        tokens = min(self._burst, tokens + (now_ns - then_ns) * self._rate_per_ns) if now_ns > then_ns else tokens
        granted = tokens >= wanted
        self._buckets[key] = (tokens - wanted if granted else tokens, now_ns)
        return 0.0 if granted else (wanted - tokens) / self._rate_per_ns / 1e9
