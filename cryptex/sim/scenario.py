"""A scenario: a market, what happens to it, and who trades there."""

import re
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar

import msgspec

from cryptex.protocol.durations import duration_ns
from cryptex.protocol.market import Market, define_asset, define_market
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Side
from cryptex.sim.agents.auction_trader import AuctionSettings
from cryptex.sim.agents.base import GROUP_COUNT_MAX, GroupSettings
from cryptex.sim.agents.own import OwnSettings
from cryptex.sim.agents.replay import TapeForm
from cryptex.sim.agents.settings import KINDS
from cryptex.sim.induced import Schedule
from cryptex.sim.world import AttentionSettings, FundamentalSettings, VolatilitySettings

T = TypeVar("T")

_UNKNOWN_KEY: Final = re.compile(r"unknown field `([^`]*)`")
_INDEX: Final = re.compile(r"\[([0-9]+)\]")
DURATION_MAX_NS: Final = duration_ns("366d")
GROUPS_MAX: Final = 100
EVENTS_MAX: Final = 1_000


class MarketSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The market. `price` is where it begins; `typical_size` what sizes are shares of."""

    base: str = "BTC"
    quote: str = "USDT"
    price: str = "60000"
    typical_size: str = "0.01"
    tick_size: str = "0.01"
    lot_size: str = "0.00001"
    min_notional: str = "5"
    maker_fee: str = "0.0010"
    taker_fee: str = "0.0010"
    decimals: Annotated[int, msgspec.Meta(ge=0, le=8)] = 8
    halt_move: str | None = None
    halt_window: str | None = None
    halt_duration: str | None = None
    auction_duration: str | None = None
    """The last four are the circuit breaker: `docs/operations.md` says what they mean."""

    def define(self) -> Market:
        """Return the market. Raises Refusal that names what is wrong."""
        return define_market(
            define_asset(self.base, self.base, self.decimals),
            define_asset(self.quote, self.quote, self.decimals),
            tick_size=self.tick_size,
            lot_size=self.lot_size,
            min_notional=self.min_notional,
            maker_fee=self.maker_fee,
            taker_fee=self.taker_fee,
            price_band=None,
            reference_price=None,
            halt_move=self.halt_move,
            halt_window=self.halt_window,
            halt_duration=self.halt_duration,
            auction_duration=self.auction_duration,
        )


class EventKind(StrEnum):
    """What may happen at a time."""

    NEWS = "news"
    VALUE = "value"
    HALT = "halt"
    RESUME = "resume"
    ADD = "add"
    REMOVE = "remove"


class TimedEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens `at` a time from the start.

    The value moves, told as news or not; the market halts (for a `duration`, or until it is resumed) or is resumed;
    agents come or go.
    """

    at: str
    kind: EventKind
    duration: str = ""
    move_bps: Annotated[float, msgspec.Meta(ge=-9_900, le=100_000)] = 0.0
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    group: str = ""
    count: Annotated[int, msgspec.Meta(ge=0, le=GROUP_COUNT_MAX)] = 0


_NO_WORD: Final = "Invalid enum value"
_WORDS: Final[dict[str, type[StrEnum]]] = {"kind": EventKind, "form": TapeForm, "side": Side}
"""Keys whose values are a few words."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole scenario, checked. `groups` by name, in the order of the file."""

    name: str
    title: str = ""
    description: str = ""
    draws: str = ""
    """Another scenario whose chance this one shares, so that the two differ in what they say alone."""
    duration: str = "8h"
    seed: int = 7
    market: MarketSettings = MarketSettings()
    attention: AttentionSettings = AttentionSettings()
    fundamental: FundamentalSettings = FundamentalSettings()
    volatility: VolatilitySettings = VolatilitySettings()
    schedules: dict[str, Schedule] = {}
    groups: dict[str, Any] = {}
    events: list[TimedEvent] = []

    @property
    def duration_ns(self) -> int:
        """How long it goes, in nanoseconds."""
        return duration_ns(self.duration)

    @property
    def has_own_bots(self) -> bool:
        """Whether a group is of bots of one's own."""
        return any(isinstance(group, OwnSettings) for group in self.members.values())

    @property
    def members(self) -> dict[str, GroupSettings]:
        """The groups as settings of their kinds."""
        return self.groups


def make_scenario(name: str, table: dict[str, object], *, as_text: bool = False) -> Scenario:
    """Return a checked scenario from a table as TOML gives it. Raises Refusal(invalid_scenario) that names the key.

    With `as_text` numbers may be text, as on a command line.
    """
    scenario = _convert({**table, "name": name}, Scenario, "", as_text=as_text)
    if len(scenario.groups) > GROUPS_MAX or len(scenario.events) > EVENTS_MAX:
        raise wrong("groups", f"a scenario has at most {GROUPS_MAX} groups and {EVENTS_MAX} events")
    groups = {group: _group(group, settings, as_text=as_text) for group, settings in scenario.groups.items()}
    scenario = msgspec.structs.replace(scenario, groups=groups)
    _check_market(scenario.market)
    _check_times(scenario)
    _check_schedules(scenario)
    return scenario


def wrong(field: str, message: str) -> Refusal:
    """Return the refusal of a scenario's key."""
    return Refusal(Code.INVALID_SCENARIO, message, field=field)


def _group(name: str, table: object, *, as_text: bool) -> GroupSettings:
    if not isinstance(table, dict):
        raise wrong(f"groups.{name}", f"groups.{name} must be a table")
    kind = KINDS.get(str(table.get("agent", "")))
    if kind is None:
        known = ", ".join(sorted(KINDS))
        raise wrong(f"groups.{name}.agent", f"groups.{name}.agent must be one of {known}")
    return _convert(table, kind, f"groups.{name}.", as_text=as_text)


def _convert(table: object, kind: type[T], prefix: str, *, as_text: bool) -> T:
    try:
        return msgspec.convert(table, kind, strict=not as_text)
    except msgspec.ValidationError as error:
        field, message = _named(str(error), prefix)
        raise wrong(field, message) from None


def _named(error: str, prefix: str) -> tuple[str, str]:
    """Return the key that an error of msgspec is about, and the error in words."""
    message, _, path = error.partition(" - at `$")
    path = _INDEX.sub(r".\1", path.rstrip("`")).removeprefix(".")
    unknown = _UNKNOWN_KEY.search(message)
    if unknown is not None:
        field = prefix + ".".join(filter(None, (path, unknown.group(1))))
        return field, f"there is no key {field}"
    field = prefix + path
    words = _WORDS.get(field.rpartition(".")[2])
    if words is not None and message.startswith(_NO_WORD):
        return field, f"{field} must be one of {', '.join(words)}, not{message.removeprefix(_NO_WORD)}"
    return field, f"{field}: {message[:1].lower()}{message[1:]}"


def _check_market(settings: MarketSettings) -> None:
    try:
        market = settings.define()
        market.price_ticks(settings.price)
        market.size_lots(settings.typical_size, "typical_size")
    except Refusal as refusal:
        raise wrong(f"market.{refusal.details.get('field', 'symbol')}", refusal.message) from None


def _check_schedules(scenario: Scenario) -> None:
    for name, group in scenario.members.items():
        if isinstance(group, AuctionSettings) and group.schedule not in scenario.schedules:
            field = f"groups.{name}.schedule"
            raise wrong(field, f"{field}: there is no schedule {group.schedule!r}")


def _check_times(scenario: Scenario) -> None:
    times = {"duration": scenario.duration}
    for name, group in scenario.members.items():
        times[f"groups.{name}.start"] = group.start
        if group.stop:
            times[f"groups.{name}.stop"] = group.stop
    for place, event in enumerate(scenario.events):
        times[f"events.{place}.at"] = event.at
        if event.duration:
            times[f"events.{place}.duration"] = event.duration
        if event.kind in (EventKind.ADD, EventKind.REMOVE) and event.group not in scenario.groups:
            raise wrong(f"events.{place}.group", f"events.{place}.group: there is no group {event.group!r}")
    for field, text in times.items():
        try:
            length_ns = duration_ns(text, field)
        except Refusal as refusal:
            raise wrong(field, refusal.message) from None
        if length_ns > DURATION_MAX_NS:
            raise wrong(field, f"{field} is more than 366d")
    if not scenario.duration_ns:
        raise wrong("duration", "duration must be above zero")
