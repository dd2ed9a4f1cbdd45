"""Nothing in sim/ may depend on what differs from process to process: a global generator, hash(), a set's order."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cryptex.sim

FOLDER = Path(cryptex.sim.__file__).parent
FILES = sorted(path for path in FOLDER.rglob("*.py"))


def offences(tree: ast.AST) -> Iterator[str]:
    """Yield what is not allowed."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Import) and any(name.name in ("random", "secrets", "uuid") for name in node.names):
            yield f"{line}: import of a global generator"
        if isinstance(node, ast.ImportFrom) and node.module == "random" and {n.name for n in node.names} != {"Random"}:
            yield f"{line}: import of a global generator"
        if isinstance(node, ast.ImportFrom) and node.module in ("secrets", "uuid", "time", "datetime"):
            yield f"{line}: import from {node.module}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("hash", "id"):
                yield f"{line}: {node.func.id}()"
            if node.func.id == "Random" and not node.args:
                yield f"{line}: a generator without a seed"
        iterated = []
        if isinstance(node, ast.For | ast.comprehension):
            iterated = [node.iter]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("list", "tuple"):
            iterated = node.args
        for each in iterated:
            if isinstance(each, ast.Set | ast.SetComp) or (
                isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in ("set", "frozenset")
            ):
                yield f"{getattr(each, 'lineno', line)}: iteration over a set"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_is_the_same_in_every_process(path: Path) -> None:
    assert list(offences(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import choice",
        "from time import time",
        "hash('a')",
        "rng = Random()",
        "for each in {1, 2}: pass",
        "[each for each in set('ab')]",
        "list(frozenset('ab'))",
    ],
)
def test_the_ban_bites(source: str) -> None:
    assert list(offences(ast.parse(source))) != []
