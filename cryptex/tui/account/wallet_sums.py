"""What stands below the assets in the wallet: their worth together, and what the fills brought in. Pure."""

from decimal import Decimal
from typing import Final, NamedTuple

from cryptex.client.models import Balance, Fill
from cryptex.tui.account.paged import Paged
from cryptex.tui.account.profit import Profit, ProfitBook
from cryptex.tui.account.valuation import Priced, Valuation, home_of, rates_in, value
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel

PLACES: Final = 2
"""Decimals of a worth."""
LINES: Final = 4
_LABEL_WIDTH: Final = 11


class Sums(NamedTuple):
    """The wallet's worth, the profit in the same asset, and how far back the fills go."""

    valuation: Valuation
    profit: Profit
    span: str


def sums_of(model: TerminalModel, balances: tuple[Balance, ...]) -> Sums:
    """Value the wallet by the last prices of the markets that are followed."""
    last: dict[str, Decimal | None] = {}
    for market in model.terms:
        ticker = model.tickers.get(market)
        last[market] = ticker.last if ticker else None
    if model.market in last and model.last is not None:
        last[model.market] = model.last
    markets = [Priced(terms.base, terms.quote, last[market]) for market, terms in model.terms.items()]
    home = home_of(markets)
    rates = rates_in(home, markets) if home else {}
    book = model.account.profit
    return Sums(value(balances, home, rates), book.profit(last, rates.get), span_text(book, model.account.fills))


def span_text(book: ProfitBook, fills: Paged[Fill]) -> str:
    """Return of how many fills, and since when, the profit is; and whether older ones are missing."""
    if fills.error:
        return f"fills cannot be read: {fills.error}"
    if not fills.begun:
        return "reading your fills…"
    if book.since is None:
        return "no fills yet"
    if fills.is_full:
        return f"only the last {book.count:,}, since {book.since:%m-%d %H:%M}"
    counted = f"{book.count:,} {'fill' if book.count == 1 else 'fills'} since {book.since:%m-%d %H:%M}"
    return f"{counted}, reading…" if fills.has_more else counted


def sum_lines(sums: Sums, width: int, room: int) -> list[Line]:
    """Return the lines for which there is room; where it is short, the two profits are one."""
    valuation, profit = sums.valuation, sums.profit
    if not valuation.quote:
        return []
    missing = valuation.unpriced
    note = f"  without {', '.join(map(texts.plain, missing))}: no price" if missing else ""
    out = [_line("Worth", texts.floored(valuation.total, PLACES), Ink.BRIGHT, valuation.quote, note, width)]
    if room < LINES and (profit.realised or profit.unrealised):
        out.append(_change("Profit", profit.realised + profit.unrealised, valuation.quote, "", width))
    elif profit.realised or profit.unrealised or profit.fees:
        left_out = f"  without {', '.join(map(texts.plain, profit.unpriced))}" if profit.unpriced else ""
        fees = f"  fees {texts.number(profit.fees, PLACES)}"
        out.append(_change("Realised", profit.realised, valuation.quote, fees, width))
        out.append(_change("Unrealised", profit.unrealised, valuation.quote, left_out, width))
    out.append((Span(texts.fitted(sums.span, width), Ink.FAINT),))
    return out[: max(0, room)]


def _change(label: str, amount: Decimal, quote: str, note: str, width: int) -> Line:
    shown = amount.quantize(Decimal(1).scaleb(-PLACES), context=texts.WIDE)
    ink = Ink.MUTED if not shown else Ink.BUY if shown > 0 else Ink.SELL
    return _line(label, f"{texts.arrow(shown)} {shown:+,f}", ink, quote, note, width)


def _line(label: str, amount: str, ink: Ink, quote: str, note: str, width: int) -> Line:
    figure = amount.rjust(max(len(amount), min(16, width - _LABEL_WIDTH - len(quote) - 1)))
    room = width - _LABEL_WIDTH - len(figure) - len(quote) - 1
    return (
        Span(label.ljust(_LABEL_WIDTH), Ink.MUTED),
        Span(figure, ink),
        Span(f" {texts.plain(quote)}", Ink.MUTED),
        Span(note if len(note) <= room else "", Ink.FAINT),
    )
