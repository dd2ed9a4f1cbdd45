"""What the market bar says: prices at the left; what the connection is, and to which node, at the right. Pure."""

from functools import lru_cache
from typing import Final, NamedTuple

from cryptex.client.models import Ticker
from cryptex.protocol.terms import MarketState
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.fitting import Group, fitted_line, group
from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.sides import change_ink
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.model import Connection, Link, TerminalModel, Terms

TWO_ROWS_BELOW: Final = 110
"""Width below which the bar takes two rows: in one there would be no room for the whole day."""
_TICK_ABOVE_FROM: Final = 56
"""Width from which the first of two rows has room for the age of the last tick."""
QUIET_AFTER_S: Final = 10
"""How long a market may say nothing before the bar points at it."""
_LINKS: Final = {
    Link.LIVE: ("●", Ink.GOOD),
    Link.CONNECTING: ("○", Ink.ACCENT),
    Link.RECONNECTING: ("◐", Ink.ACCENT),
    Link.STALE: ("◑", Ink.ACCENT),
    Link.OFFLINE: ("✗", Ink.BAD),
}


class Setting(NamedTuple):
    """What does not change while one trades: the node's address, and what is simulated (nothing on a real node)."""

    node: str = ""
    simulated: str = ""


def bar_rows(width: int) -> int:
    """Return how many rows the bar takes on a screen of this width."""
    return 2 if width < TWO_ROWS_BELOW else 1


def bar_lines(
    model: TerminalModel,
    setting: Setting,
    connection: Connection,
    tick_age_s: int | None,
    width: int,
    *,
    faded: bool = False,
) -> list[Line]:
    """Draw the bar. `tick_age_s` is how long ago the market last said something; None when it has not yet.

    `faded` says that prices may no longer be true; what tells why stays bright.
    """
    prices, link = _prices(model), _link(model.username, setting, connection, tick_age_s)
    if faded:
        prices = [_faded(group) if group.rank in _OF_THE_MARKET else group for group in prices]
    if bar_rows(width) == 1:
        return [fitted_line((*prices, *link), width)]
    below = {_DAY, _VOLUME, _LINK, _USER, _NODE} | ({_TICK} if width < _TICK_ABOVE_FROM else set())
    groups = (*prices, *link)
    rows = ([g for g in groups if g.rank not in below], [g for g in groups if g.rank in below])
    return [fitted_line(row, width) for row in rows]


_NAME, _LINK, _STATE, _LAST, _BADGE, _TICK, _CHANGE, _DAY, _VOLUME, _USER, _NODE, _BRAND = range(12)
"""Ranks: what comes first is the last to go."""
_OF_THE_MARKET: Final = frozenset({_LAST, _CHANGE, _DAY, _VOLUME})
"""What may no longer be true when the market is not heard."""


def _faded(bright: Group) -> Group:
    return group(bright.rank, *(tuple(Span(span.text, Ink.FAINT) for span in form) for form in bright.forms))


def _prices(model: TerminalModel) -> list[Group]:
    brand: Line = (Span(" cryptex ", Ink.BADGE, Ground.ACCENT, bold=True),)
    groups = [group(_BRAND, brand)]
    terms = model.trading
    if terms is None:
        return [group(_NAME, brand)]
    groups.append(group(_NAME, (Span(f" {terms.market} ", Ink.BRIGHT, bold=True),)))
    if model.state is not MarketState.OPEN:
        groups.append(group(_STATE, (Span(f" {model.state.upper()} ", Ink.BADGE, Ground.ACCENT, bold=True),)))
    last = f" {texts.arrow(model.direction)} {texts.number(model.last, terms.price_places)} "
    groups.append(group(_LAST, (Span(last, change_ink(model.direction, Ink.BRIGHT), bold=True),)))
    ticker = model.tickers.get(model.market)
    return groups if ticker is None else groups + _day(ticker, terms)


@lru_cache(maxsize=4)
def _day(ticker: Ticker, terms: Terms) -> list[Group]:
    places, percent = terms.price_places, texts.signed_percent(ticker.change_percent)
    ink = change_ink(ticker.change, Ink.MUTED)
    change = "" if ticker.change is None else f"{texts.signed(ticker.change, places)} "
    high, low = texts.number(ticker.high, places), texts.number(ticker.low, places)
    short = texts.short(ticker.volume)
    volume = f"{short} {terms.base}"
    return [
        group(_CHANGE, (Span(f" {change}{percent} ", ink),), (Span(f" {percent} ", ink),)),
        group(_DAY, _named(("high", high), ("low", low)), _named(("H", high), ("L", low))),
        group(_VOLUME, *(_named(pair) for pair in (("volume", volume), ("vol", volume), ("vol", short)))),
    ]


@lru_cache(maxsize=4)
def _link(username: str, setting: Setting, connection: Connection, tick_age_s: int | None) -> list[Group]:
    mark, ink = _LINKS[connection.link]
    text = f"{mark} {connection.link}"
    if connection.latency_ms is not None:
        text += f" {connection.latency_ms:.0f} ms"
    elif connection.age_s is not None and connection.is_stale:
        text += f" · {texts.age(connection.age_s)} old"
    user = texts.plain(username)
    groups = [
        group(_TICK, (_tick(tick_age_s),), at_right=True),
        group(_BADGE, *_badges(setting.simulated), at_right=True),
        group(_LINK, (Span(f"  {text} ", ink, bold=True),), at_right=True),
    ]
    if user:
        forms = tuple((Span(f"  {texts.fitted(user, room)}", Ink.MUTED),) for room in (32, 10))
        groups.insert(2, group(_USER, *forms, at_right=True))
    if setting.node:
        groups.insert(2, group(_NODE, (Span(f" {texts.plain(setting.node)}", Ink.MUTED),), at_right=True))
    return groups


def _tick(age_s: int | None) -> Span:
    """Say how long the market has been silent: what is on the screen may be true all the same, but it is that old."""
    if age_s is None:
        return Span("no tick yet ", Ink.MUTED)
    if age_s < 1:
        return Span("tick <1 s ", Ink.MUTED)
    if age_s < QUIET_AFTER_S:
        return Span(f"tick {texts.age(age_s)} ", Ink.MUTED)
    return Span(f"quiet {texts.age(age_s)} ", Ink.ACCENT)


def _badges(simulated: str) -> tuple[Line, ...]:
    """Return the badge: a market that is played, with what is played, or one where people trade."""
    if not simulated:
        return ((Span(" REAL ", Ink.BADGE, Ground.ACCENT, bold=True),),)
    about = f" SIM {texts.plain(simulated)} "
    return tuple((Span(text, Ink.BADGE, Ground.INFO, bold=True),) for text in (about, " SIM "))


def _named(*values: tuple[str, str]) -> Line:
    return tuple(s for name, value in values for s in (Span(f" {name} ", Ink.MUTED), Span(f"{value} ")))
