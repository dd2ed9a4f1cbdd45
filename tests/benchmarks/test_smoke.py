"""Every benchmark runs and says what it should; how fast is not for tests to judge."""

import gc
import sys
from collections.abc import Iterator
from importlib import import_module

import pytest

RUNS = {
    "rest": ("--seconds 0.2 --runs 1 --clients 2", ("echo", "node", "ratio")),
    "node": ("--seconds 0.2 --runs 1 --connections 2", ("echo", "node", "ratio", "history")),
    "paced": ("--seconds 0.3 --runs 1 --per-second 100 --connections 2", ("node", "history", "cores")),
    "fanout": ("--seconds 0.3 --subscribers 3", ("node", "cores")),
    "engine": ("--commands 1000 --repeats 1", ("engine", "bare book", "ratio")),
}


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.parametrize("name", RUNS)
def test_it_runs(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, words = RUNS[name]
    monkeypatch.setattr(sys, "argv", [name, *arguments.split()])
    import_module(f"benchmarks.{name}").main()
    lines = capsys.readouterr().out.splitlines()
    for word in words:
        assert any(line.startswith(word) for line in lines), lines
