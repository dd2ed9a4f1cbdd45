"""The market bar: what it says, and what it leaves out when there is little room."""

import msgspec
import pytest

from cryptex.client.models import Ticker, Trade
from cryptex.protocol.terms import MarketState
from cryptex.tui.drawing.fitting import cells
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.market.bar import QUIET_AFTER_S, Setting, bar_lines
from cryptex.tui.model import STALE_AFTER_S, Connection, Link, TerminalModel
from tests.tui.fake_exchange import MARKETS
from tests.tui.pilots import desk
from tests.tui.scenes import BOOK, BTC, book, ticker_view, trades

LIVE = Connection(Link.LIVE, None, 3.2)
NODE = Setting("127.0.0.1:7070", "calm, seed 7")


def model(**ticker: object) -> TerminalModel:
    made = TerminalModel()
    made.username = "alice"
    made.set_markets(MARKETS)
    view = msgspec.structs.replace(ticker_view(BTC), **ticker)
    made.set_ticker(msgspec.convert(msgspec.to_builtins(view), Ticker, strict=False))
    made.set_trades(reversed([msgspec.convert(msgspec.to_builtins(t), Trade, strict=False) for t in trades(3)]))
    return made


def text(
    width: int, made: TerminalModel | None = None, link: Connection = LIVE, age: int | None = 0, setting: Setting = NODE
) -> str:
    lines = bar_lines(made or model(), setting, link, age, width)
    assert all(cells(line) == width for line in lines)
    return "\n".join(" ".join("".join(span.text for span in line).split()) for line in lines)


PRICES = "BTC-USDT ▼ 61,234.50 +744.10 +1.23%"
ALL_OF_IT = (
    f"cryptex {PRICES} high 62,010.00 low 59,880.25 vol 1,284.55 tick <1 s SIM calm, seed 7 127.0.0.1:7070 alice"
)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (43, "BTC-USDT ▼ 61,234.50 +1.23% SIM\ntick <1 s ● live 3 ms"),
        (
            60,
            "cryptex BTC-USDT ▼ 61,234.50 +1.23% tick <1 s SIM\nhigh 62,010.00 low 59,880.25 vol 1,284.55 ● live 3 ms",
        ),
        (
            80,
            (
                f"cryptex {PRICES} tick <1 s SIM calm, seed 7\n"
                "H 62,010.00 L 59,880.25 vol 1,284.55 BTC 127.0.0.1:7070 alice ● live 3 ms"
            ),
        ),
        (110, "BTC-USDT ▼ 61,234.50 +1.23% H 62,010.00 L 59,880.25 vol 1,284.55 tick <1 s SIM alice ● live 3 ms"),
        (160, f"{ALL_OF_IT} ● live 3 ms"),
    ],
)
def test_what_fits(width: int, expected: str) -> None:
    assert text(width) == expected


@pytest.mark.parametrize("width", range(43, 251))
def test_market_price_change_connection_and_badge_are_always_there(width: int) -> None:
    shown = text(width)
    for word in ("BTC-USDT", "▼ 61,234.50", "+1.23%", "SIM", "● live 3 ms", "tick <1 s"):
        assert word in shown
    assert len(shown.splitlines()) == (2 if width < 110 else 1)


@pytest.mark.parametrize("width", range(60, 251))
@pytest.mark.parametrize("latency_ms", [0.2, 42.0])
def test_the_range_and_the_volume_of_the_day_are_there_on_every_usual_screen(width: int, latency_ms: float) -> None:
    shown = text(width, link=Connection(Link.LIVE, None, latency_ms), age=QUIET_AFTER_S + 2)
    for word in ("62,010.00", "59,880.25", "1,284.55"):
        assert word in shown


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_prices_that_may_be_old_fade_and_what_tells_why_stays(width: int) -> None:
    stale = Connection(Link.STALE, 12)
    spans = [s for line in bar_lines(model(), NODE, stale, 12, width, faded=True) for s in line]
    inks = {word: next(s.ink for s in spans if word in s.text) for word in ("61,234.50", "+1.23%", "BTC-USDT")}
    assert inks == {"61,234.50": Ink.FAINT, "+1.23%": Ink.FAINT, "BTC-USDT": Ink.BRIGHT}
    day = [s for s in spans if any(word in s.text for word in ("62,010.00", "59,880.25", "1,284.55"))]
    assert {s.ink for s in day} == {Ink.FAINT}
    told = {next(s.ink for s in spans if word in s.text) for word in ("stale", "quiet 12 s")}
    assert told == {Ink.ACCENT}
    assert next(s.ink for s in spans if "SIM" in s.text) is Ink.BADGE


async def test_the_bar_fades_with_its_panels_and_comes_back() -> None:
    async with desk() as on:
        ink = on.app.look.style(Ink.FAINT).color

        def drawn() -> object:
            row = on.screen.status_bar.render_line(0)
            return next(s.style.color for s in row if "61,234.50" in s.text and s.style)

        assert drawn() != ink
        on.exchange.now_s += STALE_AFTER_S + 1
        await on.frame()
        assert drawn() == ink
        on.exchange.say(BOOK, book([("61234.50", "9.00000")], [], sequence=2, prev=1))
        await on.frame()
        assert drawn() != ink


def test_a_market_that_is_not_open_says_so_even_where_there_is_little_room() -> None:
    assert "HALTED" in text(43, model(state=MarketState.HALTED))


@pytest.mark.parametrize(
    ("age", "said", "ink"),
    [
        (None, "no tick yet", Ink.MUTED),
        (0, "tick <1 s", Ink.MUTED),
        (QUIET_AFTER_S - 1, "tick 9 s", Ink.MUTED),
        (QUIET_AFTER_S, "quiet 10 s", Ink.ACCENT),
        (190, "quiet 3 min", Ink.ACCENT),
    ],
)
def test_silence_is_told(age: int | None, said: str, ink: Ink) -> None:
    assert said in text(120, age=age)
    (line,) = bar_lines(model(), NODE, LIVE, age, 120)
    assert next(span.ink for span in line if said in span.text) is ink


def test_a_node_that_is_not_simulated_says_real() -> None:
    assert "REAL" in text(80, setting=Setting("node.example:7070"))
    assert "SIM" not in text(200, setting=Setting("node.example:7070"))


def test_old_data_says_how_old() -> None:
    assert "◑ stale · 12 s old" in text(80, link=Connection(Link.STALE, 12))


async def test_the_tick_age_grows_while_a_market_is_silent_and_ends_with_its_next_word() -> None:
    async with desk() as on:
        assert "tick <1 s" in on.status()
        on.exchange.now_s += 3
        await on.frame()
        assert "tick 3 s" in on.status()
        on.exchange.say(BOOK, book([("61234.50", "9.00000")], [], sequence=2, prev=1))
        await on.frame()
        assert "tick <1 s" in on.status()
        await on.pilot.press("right_square_bracket")
        await on.frame()
        assert "no tick yet" in on.status()
