"""The commands of the pages, with the programs between them, on nodes that they start themselves."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.command_server import CommandServer
from tests.docs.lossy_proxy import LossyProxy
from tests.docs.pages import PAGES, ROOT, blocks
from tests.docs.shell import NEED_COMPANY, NOT_RUN, Desk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sh")

SCRIPTERS = "docs/scripters.md"
ELSEWHERE = {SCRIPTERS: "below", "docs/cli.md": "tests/cli/test_page.py"}
WITH_COMMANDS = sorted({str(block.page.relative_to(ROOT)) for block in blocks("sh")})
WITHOUT_COMMANDS = {
    "CHANGELOG.md",
    "docs/errors.md",
    "docs/keys.md",
    "docs/performance.md",
    "docs/reliability.md",
    "docs/security.md",
}


@pytest.fixture(name="commands", scope="module")
def _commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandServer]:
    with CommandServer(tmp_path_factory.mktemp("cli")) as server:
        yield server


@pytest.fixture(name="desk")
def _desk(tmp_path: Path, commands: CommandServer) -> Desk:
    return Desk(tmp_path, commands.shim)


def test_every_page_has_commands() -> None:
    assert {str(page.relative_to(ROOT)) for page in PAGES} - set(WITH_COMMANDS) == WITHOUT_COMMANDS


def test_what_is_not_run_is_there() -> None:
    lines = [line.removeprefix(".venv/bin/") for block in blocks("sh") for line in block.text.splitlines()]
    assert [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)] == []
    assert NEED_COMPANY.keys() <= {block.heading for block in blocks("python")}


def test_a_command_that_fails_fails_its_page(desk: Desk, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\ncryptex orders | head -n 1\ncryptex orders\ncryptex --version\n```\n")
    ended = desk.run(page)
    assert ended.code == 4
    assert ended.stderr.splitlines()[-3].startswith("+ cryptex orders")


@pytest.mark.parametrize("page", [page for page in WITH_COMMANDS if page not in ELSEWHERE])
def test_the_commands_of_a_page_run(page: str, desk: Desk) -> None:
    ended = desk.run(ROOT / page)
    assert ended.code == 0, ended.stderr
    assert "error:" not in ended.stderr, ended.stderr


def test_the_page_for_scripters_runs_where_replies_are_lost(desk: Desk) -> None:
    marker = b'"client_order_id":"shell-2"'  # in the reply to the order, and to the question what became of it
    with LossyProxy(desk.port(), marker, losses=2) as proxy:
        ended = desk.run(ROOT / SCRIPTERS, CRYPTEX_NODE=proxy.url)
    assert ended.code == 0, ended.stderr
    assert len(proxy.lost) == 2
    assert ended.stderr.count("(outcome_unknown)") == 1
    assert [row["size"] for row in rows("fills.csv")] == ["0.01000"] * 3
    assert [(row["side"], row["liquidity"]) for row in rows("evening.csv")] == [("sell", "maker"), ("buy", "maker")]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that a page wrote into the folder that it runs in."""
    with Path(name).open(newline="") as file:
        return list(csv.DictReader(file))
