"""Every benchmark runs and says what it should; how fast is not for tests to judge."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module

import pytest

from benchmarks.__main__ import main
from benchmarks.servers import run_echo, run_node

RUNS = {
    "rest": ("--seconds 0.2 --runs 1 --clients 1", ("echo", "node", "ratio")),
    "node": ("--seconds 0.2 --runs 1 --connections 1", ("echo", "node", "ratio", "history")),
    "at_rest": ("--seconds 0.2 --runs 1 --connections 1 --commits 5", ("commits", "plain", "encrypted", "ratio")),
    "paced": ("--seconds 0.3 --runs 1 --per-second 100 --connections 1", ("node", "history", "cores")),
    "fanout": ("--seconds 0.3 --subscribers 3", ("node", "cores")),
    "memory": ("--orders 50 --connections 1", ("empty", "filled", "restart")),
    "logins": ("--seconds 0.2 --runs 1 --pairs 2 --logins 2 --per-second 50", ("names", "alone", "logins", "ratio")),
    "start": ("--commands 500 --runs 1", ("empty", "replay", "history", "restart")),
    "terminal": (
        "--seconds 0.3 --runs 1 --orders 1 --starts 1 --settle 0.2",
        ("table", "terminal", "ratio", "key", "row", "start"),
    ),
    "cli": ("--runs 1", ("ticker", "python", "ratio")),
    "engine": ("--commands 1000 --repeats 1", ("engine", "bare book", "ratio")),
}

OWN_NODES = {"memory", "start", "terminal"}
"""What looks at a node from its start, or needs more users; all others share one here."""

Servers = dict[str, Callable[..., AbstractContextManager[object]]]


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with run_node(1) as node, run_echo() as echo:
        yield {"run_node": lambda *_, **__: nullcontext(node), "run_echo": lambda: nullcontext(echo)}


@pytest.mark.parametrize("name", RUNS)
def test_it_runs(
    name: str, servers: Servers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, words = RUNS[name]
    benchmark = import_module(f"benchmarks.{name}")
    if name not in OWN_NODES:
        for function, stand_in in servers.items():
            monkeypatch.setattr(benchmark, function, stand_in, raising=False)
    monkeypatch.setattr(sys, "argv", [name, *arguments.split()])
    benchmark.main()
    lines = capsys.readouterr().out.splitlines()
    for word in words:
        assert any(line.startswith(word) for line in lines), lines


def test_all_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--list"])
    assert main() == 0
    listed = capsys.readouterr().out
    assert all(f"python -m benchmarks.{name}" in listed for name in RUNS)
