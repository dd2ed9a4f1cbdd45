"""What agents share: how much attention the market gets, what the base asset is worth, how much the price has moved.

Attention is the exponential of an Ornstein-Uhlenbeck process, stepped each second, that scales everybody's activity:
volatility clusters because attention does. The value is a random walk in basis points, moved by news as well.
"""

from __future__ import annotations

from math import exp, sqrt
from random import Random
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.bot import News
from cryptex.sim.clock import WORLD
from cryptex.sim.induced import Schedule, Session
from cryptex.sim.units import BASIS_POINT

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptex.sim.venue import Venue

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Positive = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
_NotNegative = Annotated[float, msgspec.Meta(ge=0, le=1e6)]

VALUE_FLOOR_SHARE: Final = 0.01
"""The value never falls below this share of what it began with."""


class AttentionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The attention process: the standard deviation of its logarithm, and how long a surprise lasts."""

    deviation: Annotated[float, msgspec.Meta(ge=0, le=3)] = 0.5
    half_life_s: _Positive = 1800.0


class FundamentalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The value: its step each second at attention 1, and jumps that come at attention / `jump_every_s`."""

    step_bps: _NotNegative = 0.3
    jump_every_s: _Positive = 2400.0
    jump_bps: _NotNegative = 12.0


class VolatilitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Recent volatility: an exponential average of the mid's change in a second, in basis points."""

    memory: _Share = 0.98


class World:
    """`attention`, `value_ticks`, `volatility_bps`: stepped each second, read by agents at any time."""

    __slots__ = (
        "_attention_rng",
        "_attention_settings",
        "_kept",
        "_last_mid",
        "_log_attention",
        "_memory",
        "_spread",
        "_value_floor",
        "_value_rng",
        "_value_settings",
        "_venue",
        "attention",
        "schedules",
        "sessions",
        "value_ticks",
        "volatility_bps",
    )

    def __init__(
        self,
        venue: Venue,
        attention: AttentionSettings,
        fundamental: FundamentalSettings,
        volatility: VolatilitySettings,
        schedules: dict[str, Schedule],
        streams: Callable[[str], Random],
    ) -> None:
        """`streams` gives the generator for a purpose."""
        self._venue = venue
        self._attention_settings = attention
        self._value_settings = fundamental
        self._memory = volatility.memory
        self._attention_rng, self._value_rng = streams("attention"), streams("value")
        self._kept = 0.5 ** (1 / attention.half_life_s)
        self._spread = attention.deviation * sqrt(1 - self._kept * self._kept)
        self._log_attention = self._attention_rng.gauss(0.0, attention.deviation)
        self.attention = exp(self._log_attention)
        self._last_mid = venue.book.mid
        self.value_ticks = self._last_mid
        self._value_floor = self._last_mid * VALUE_FLOOR_SHARE
        self.volatility_bps = 0.0
        self.schedules = schedules
        self.sessions: dict[str, Session] = {}
        """Experiments with induced values, by group."""

    def start(self) -> None:
        """Begin to step each second."""
        self._venue.clock.call_at(self._venue.clock.time_ns, self._step, None, WORLD)

    def session(self, group: str, schedule: str, paper_efficiency: float | None) -> Session:
        """Return the experiment of a group, which its first trader begins."""
        session = self.sessions.get(group)
        if session is None:
            session = self.sessions[group] = Session(group, self.schedules[schedule], paper_efficiency)
        return session

    def move_value(self, basis_points: float) -> None:
        """Move what the base asset is worth."""
        self.value_ticks = max(self.value_ticks * (1 + basis_points * BASIS_POINT), self._value_floor)

    def announce(self, text: str, move_bps: float) -> None:
        """Move the value and tell everybody."""
        self.move_value(move_bps)
        self._venue.announce(News(text, move_bps))

    def _step(self, _: None) -> None:
        venue = self._venue
        venue.clock.call_at(venue.clock.time_ns + NANOSECONDS_PER_SECOND, self._step, None, WORLD)
        venue.tick()
        self._log_attention = self._log_attention * self._kept + self._attention_rng.gauss(0.0, self._spread)
        attention = self.attention = exp(self._log_attention)
        mid = venue.book.mid
        change_bps = abs(mid / self._last_mid - 1) / BASIS_POINT
        self._last_mid = mid
        self.volatility_bps = self.volatility_bps * self._memory + change_bps * (1 - self._memory)
        self._step_value(attention)

    def _step_value(self, attention: float) -> None:
        settings, rng = self._value_settings, self._value_rng
        move_bps = rng.gauss(0.0, settings.step_bps) * attention
        jumps = rng.random() < attention / settings.jump_every_s
        jump_bps = rng.gauss(0.0, settings.jump_bps)
        if jumps:
            move_bps += jump_bps * sqrt(attention)
        self.move_value(move_bps)
