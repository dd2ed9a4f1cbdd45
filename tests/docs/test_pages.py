"""What the pages say, without a node: links, commands, configuration, JSON and pictures."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer

from cryptex.cli.main import build_app
from cryptex.node.settings import load_settings
from cryptex.tui.desk.shelf import Shelf
from tests.docs.pages import PAGES, ROOT, Block, anchor, blocks, read
from tests.docs.shell import is_run
from tests.engine.picture import pictures
from tests.engine.subject import EngineSubject, OracleSubject
from tests.engine.test_pictures import Viewer

ENDS_OF_COMMANDS = ("|", ";", ">", "&&", "||", "&")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in read(path).links:
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, fragment = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.is_relative_to(ROOT), link
        assert target.is_file(), link
        if fragment:
            assert fragment in {anchor(heading) for heading in read(target).headings}, link


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in read(ROOT / "README.md").links}
    assert {path for path in PAGES if path.name != "README.md"} <= linked


def commands(line: str) -> list[list[str]]:
    """Return the arguments of each `cryptex` of a line."""
    splitter = shlex.shlex(line, posix=True, punctuation_chars=True)
    splitter.whitespace_split = True
    words = list(splitter)
    found = []
    while words:
        end = next((place for place, word in enumerate(words) if word in ENDS_OF_COMMANDS), len(words))
        command, words = words[:end], words[end + 1 :]
        if command and Path(command[0]).name == "cryptex":
            found.append(command[1:])
    return found


NOT_RUN_LINES = [line for block in blocks("sh") for line in block.text.splitlines() if not is_run(line)]
COMMANDS = [pytest.param(words, id=" ".join(words)) for line in NOT_RUN_LINES for words in commands(line)]


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_exist(words: list[str]) -> None:
    """Parse what test_shell.py does not run, as the CLI would."""
    command = typer.main.get_command(build_app())
    context = None
    name = "cryptex"
    while True:
        context = command.make_context(name, list(words), parent=context)
        if not hasattr(command, "resolve_command") or not context._protected_args:
            return
        name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    try:
        json.loads(block.text)
    except ValueError:
        for line in block.text.splitlines():
            json.loads(line)


@pytest.mark.parametrize("block", [block for block in blocks("toml") if block.file is None], ids=str)
def test_configurations_are_accepted(block: Block, tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text(block.text)
    assert load_settings(config, {}, data_dir=tmp_path).markets


def test_the_layouts_are_accepted(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("toml") if block.file == "layouts.toml")
    (tmp_path / "layouts.toml").write_text(block.text)
    shelf = Shelf(tmp_path)
    assert shelf.complaint == ""
    assert shelf.chosen == "calm evening"


@pytest.mark.parametrize("block", [b for b in blocks("text") if b.text.startswith("===")], ids=str)
def test_pictures_are_true(block: Block, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(block.text)
    for picture in pictures(tmp_path):
        Viewer(EngineSubject()).play(picture)
        Viewer(OracleSubject()).play(picture)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        "mypyc",  # comes with mypy, and has a reason of its own
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    rows = [line.split("|")[1] for line in (ROOT / "docs/dependencies.md").read_text().splitlines() if line[:1] == "|"]
    named = {name.strip() for row in rows for name in row.split(",")} - {"library", "---"}
    assert named == {re.split("[>=; ]", each)[0] for each in wanted} - {"cryptex[browser,sim]"}
