"""Fixtures of the terminal's tests."""

import pytest
from textual import _wait


@pytest.fixture(autouse=True)
def _short_idle_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pilot look for an idle app more often than every 20 ms: most of these tests' time was that wait."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 0.004)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 0.001)
