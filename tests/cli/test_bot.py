"""`cryptex bot run`: loading a class from a file, and running it on a node until it is ended."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.cli.live import LiveNode, interrupt

BOT = """
from cryptex.sim.bot import Bot


class Quoting(Bot):
    def on_start(self, ctx):
        ctx.buy(ctx.lots(1), 5_000_000)


class Demanding(Bot):
    def __init__(self, wish):
        self.wish = wish


class Failing(Bot):
    def on_start(self, ctx):
        ctx.buy(0, 1)


NOT_A_BOT = 1
"""


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "my_bot.py"
    path.write_text(BOT)
    return path


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("my_bot.py", "is not FILE:CLASS"),
        ("none.py:Quoting", "there is no Python file"),
        ("{file}:NOT_A_BOT", "there is: Quoting, Demanding, Failing"),
        ("{file}:Demanding", "cannot be made without arguments"),
        ("{broken}:Bot", "cannot be loaded: SyntaxError"),
    ],
)
def test_what_cannot_be_run_is_said(what: str, said: str, file: Path, cli: Cli, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("class")
    ended = cli("bot", "run", what.format(file=file, broken=broken))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_bot_trades_until_ctrl_c_and_leaves_no_orders(file: Path, live: LiveNode) -> None:
    process = live.start("bot", "run", f"{file}:Quoting", "--typical-size", "0.01", token=live.taker.token)
    assert process.stderr is not None
    assert "Quoting trades in BTC-USDT" in process.stderr.readline()
    while not live.taker.orders(status="open"):
        assert process.poll() is None
    code, said = interrupt(process)
    assert code == 130
    assert "Quoting has ended with a position of 0.00000 BTC." in said
    while live.taker.orders(status="open"):
        pass


def test_a_bot_that_fails_ends_with_what_was_wrong(file: Path, live: LiveNode) -> None:
    process = live.start("bot", "run", f"{file}:Failing", token=live.taker.token)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "error: my_bot.py, line 17: a size must be at least one lot" in said
