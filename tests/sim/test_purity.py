"""Nothing in sim/ may depend on what differs from process to process: a global generator, hash(), a set's order."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cryptex.sim

FOLDER = Path(cryptex.sim.__file__).parent
FILES = sorted(path for path in FOLDER.rglob("*.py"))


MODULES = ("random", "secrets", "uuid", "time", "os")
UNORDERED = ("set", "frozenset")


def offences(tree: ast.AST) -> Iterator[str]:
    """Yield what is not allowed."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for what in (*_imports(node), *_calls(node), *_iterations(node)):
            yield f"{line}: {what}"
    for node in _sets(tree):
        yield f"{node.lineno}: a set"  # type: ignore[attr-defined]  # every expression has a line


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import) and any(name.name in MODULES for name in node.names):
        yield "import of chance or time"
    if isinstance(node, ast.ImportFrom) and node.module in MODULES:
        names = {name.name for name in node.names}
        if (node.module, names) != ("random", {"Random"}):
            yield f"import from {node.module}"


def _calls(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today") and _is(node.value, "datetime"):
        yield "the wall's clock"
    if isinstance(node, ast.Call) and (_is(node.func, "hash") or _is(node.func, "id")):
        yield "a number that differs from process to process"
    if isinstance(node, ast.Call) and _is(node.func, "Random") and not node.args:
        yield "a generator without a seed"


def _iterations(node: ast.AST) -> Iterator[str]:
    iterated: list[ast.expr] = []
    if isinstance(node, ast.For | ast.comprehension):
        iterated = [node.iter]
    elif isinstance(node, ast.Call) and (_is(node.func, "list") or _is(node.func, "tuple")):
        iterated = node.args
    for each in iterated:
        made = isinstance(each, ast.Call) and any(_is(each.func, name) for name in UNORDERED)
        if made or isinstance(each, ast.Set | ast.SetComp) or _is_set_of_keys(each):
            yield "iteration over a set"


def _sets(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what makes a set, but for constants of a module: those are asked for what is in them."""
    assigned = [each for each in ast.iter_child_nodes(tree) if isinstance(each, ast.AnnAssign)]
    constants = [node for each in assigned for node in ast.walk(each)]
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and any(_is(node.func, name) for name in UNORDERED)
        if (called or isinstance(node, ast.Set | ast.SetComp)) and node not in constants:
            yield node


def _is_set_of_keys(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.Sub)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_is_the_same_in_every_process(path: Path) -> None:
    assert list(offences(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import choice",
        "from time import time",
        "datetime.now(UTC)",
        "hash('a')",
        "rng = Random()",
        "for each in {1, 2}: pass",
        "[each for each in set('ab')]",
        "list(frozenset('ab'))",
        "from os import urandom",
        "def f():\n    seen = set()",
        "for each in a.keys() & b.keys(): pass",
    ],
)
def test_the_ban_bites(source: str) -> None:
    assert list(offences(ast.parse(source))) != []


def test_a_constant_may_be_asked_for_what_is_in_it() -> None:
    assert list(offences(ast.parse("ENDS: Final = frozenset({1, 2})\nfound = 1 in ENDS"))) == []
