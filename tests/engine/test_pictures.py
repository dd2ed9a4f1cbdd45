"""Every picture under `scenarios/`, drawn by the engine and by the oracle: both must be what the rules say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cryptex.protocol import commands as c
from cryptex.protocol.terms import FEE_ACCOUNT, OrderStatus, Side
from tests.engine.picture import (
    ACCOUNTS,
    MARKET,
    START_NS,
    STEP_NS,
    Line,
    Picture,
    command,
    pictures,
    seconds_ns,
    setting,
)
from tests.engine.subject import EngineSubject, OracleSubject, Subject

PICTURES = pictures(Path(__file__).parent / "scenarios")


class Viewer:
    """Plays a picture on a subject and compares what it sees, line by line."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.now_ns = START_NS
        self.book_lines: list[str] | None = None

    def play(self, picture: Picture) -> None:
        for first in setting(picture):
            self.now_ns += STEP_NS
            self.subject.apply(self.now_ns, first)
        for line in [*picture.lines, Line(0, "end", "")]:
            place = f"scenarios/{picture.file}.txt:{line.number}: {line.text}"
            if self.book_lines is not None and not line.text.startswith(" "):
                assert self.drawn_book() == self.book_lines, f"the book above {place}"
                self.book_lines = None
            self.look(line, place)

    def look(self, line: Line, place: str) -> None:
        words = line.words
        if line.text.startswith(" "):
            assert self.book_lines is not None, place
            self.book_lines.append(" ".join(words))
        elif words[0] in ("market", "funds", "end"):
            return
        elif words[0] == "state":
            self.look_at_state(words, place)
        elif words[0] == "book":
            self.book_lines = []
        elif len(words) > 1 and words[1] == "is" and words[0].startswith("w"):
            left = self.subject.withdrawal(int(words[0][1:]))
            assert " ".join(words[2:]) == f"{left.status} {left.reason or ''}".strip(), place
        elif len(words) > 1 and words[1] == "is":
            self.look_at_order(words, place)
        elif len(words) > 1 and words[1] == "has":
            self.look_at_funds(words, place)
        else:
            self.step(line, place)

    def step(self, line: Line, place: str) -> None:
        words = line.words
        self.now_ns += seconds_ns(words[1]) if words[0] == "wait" else STEP_NS
        asked = command(line, self.now_ns)
        trades = len(self.subject.trades())
        answer = self.subject.apply(self.now_ns, asked)
        expected, _, fills = line.expected.partition(":")
        dealt = [f"{trade.lots}@{trade.price}" for trade in self.subject.trades()[trades:]]
        assert self.words_of(asked, answer) == (expected.strip() or "ok"), place
        assert dealt == fills.split(), place

    def words_of(self, asked: c.Command, answer: tuple[str, ...]) -> str:
        """What a step came to, as pictures say it."""
        match answer:
            case ("accepted" | "rejected", *_) if isinstance(asked, c.PlaceOrder):
                order_id = int(answer[1]) if answer[0] == "accepted" else max(self.subject.orders())
                seen = self.subject.order(order_id)
                why = seen.code or ("" if seen.status is OrderStatus.FILLED else seen.reason) or ""
                return f"#{order_id} {seen.status} {why}".strip()
            case ("repeated", order_id):
                return f"repeats {order_id}" if order_id.startswith("w") else f"repeats #{order_id}"
            case ("refused", code):
                return f"refused {code}"
            case ("canceled_all", *ids):
                return " ".join(f"#{order_id}" for order_id in ids) or "ok"
            case ("account", *rest):
                return " ".join(["account", *rest])
            case ("withdrawal", name, status):
                return f"{name} {status}"
            case ("market_state", state):
                return state
            case ("deposited" | "withdrawn", "repeated"):
                return "repeated"
            case _:
                return "ok"

    def drawn_book(self, market: str = MARKET) -> list[str]:
        """`sell 101 | 2#1 3#4`, from the highest price down."""
        drawn: list[str] = []
        for side in (Side.SELL, Side.BUY):
            levels: dict[int, list[str]] = {}
            for price, size, order_id in self.subject.book(market, side):
                levels.setdefault(price, []).append(f"{size}#{order_id}")
            prices = sorted(levels, reverse=True)
            drawn += [f"{side} {price} | {' '.join(levels[price])}" for price in prices]
        return drawn

    def look_at_order(self, words: list[str], place: str) -> None:
        """`#1 is canceled user, filled 2, canceled 3`."""
        seen = self.subject.order(int(words[0][1:]))
        said, rest = words[2:], [""]
        names = {"price", "stop", "size", "filled", "remaining", "canceled", "fee", "spent", "held"}
        start = next((i for i, word in enumerate(said) if i and word in names and said[i + 1 : i + 2] != []), len(said))
        said, rest = said[:start], said[start:]
        why = seen.code or ("" if seen.status is OrderStatus.FILLED else seen.reason) or ""
        assert " ".join(said) == f"{seen.status} {why}".strip(), place
        for name, value in zip(rest[::2], rest[1::2], strict=True):
            assert getattr(seen, name) == int(value), f"{name} in {place}"

    def look_at_state(self, words: list[str], place: str) -> None:
        """`state auction 5@100`."""
        state, _ = self.subject.market_state(MARKET)
        found = self.subject.uncrossing(MARKET)
        drawn = [state] if found is None else [state, f"{found[1]}@{found[0]}"]
        assert drawn == words[1:], place

    def look_at_funds(self, words: list[str], place: str) -> None:
        """`ann has 5+3 BTC, 700 USDT`."""
        account = FEE_ACCOUNT if words[0] == "house" else ACCOUNTS[words[0]]
        for amount, asset in zip(words[2::2], words[3::2], strict=True):
            free, _, held = amount.partition("+")
            has = self.subject.balances().get((account, asset), (0, 0))
            assert has == (int(free), int(held or 0)), f"{asset} in {place}"


@pytest.mark.parametrize("kind", [EngineSubject, OracleSubject], ids=["engine", "oracle"])
@pytest.mark.parametrize("picture", PICTURES, ids=str)
def test_picture(picture: Picture, kind: Callable[[], Subject]) -> None:
    Viewer(kind()).play(picture)


def test_there_is_a_picture_for_every_group_of_rules() -> None:
    assert len(PICTURES) >= 60
    titles = [str(picture) for picture in PICTURES]
    assert len(set(titles)) == len(titles)
