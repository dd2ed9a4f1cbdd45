"""A terminal that breaks off says so to whoever started it, and shows where without what it held."""

from functools import partialmethod

import pytest
from textual.pilot import Pilot

from cryptex.client.models import Health
from cryptex.tui.app import CryptexTerminal, run
from cryptex.tui.broken import TerminalBrokenError
from tests.tui.fake_exchange import FakeExchange

SECRET = "hunter" + "22"


class Broken(FakeExchange):
    """Breaks the terminal while a secret is in its hands."""

    async def health(self) -> Health:
        password = SECRET
        raise IndexError(f"pop from empty list, of {len(password)}")


async def quits(pilot: Pilot[None]) -> None:
    """Leave at once."""
    pilot.app.exit()


def test_a_fault_of_its_own_is_told_to_who_started_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(CryptexTerminal, "run", partialmethod(CryptexTerminal.run, headless=True))
    with pytest.raises(TerminalBrokenError, match="IndexError: pop from empty list, of 8"):
        run("http://127.0.0.1:7070", dial=Broken)  # type: ignore[arg-type]
    told = capfd.readouterr().err
    assert "pop from empty list" in told
    assert SECRET not in told


def test_a_quit_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CryptexTerminal, "run", partialmethod(CryptexTerminal.run, headless=True, auto_pilot=quits))
    run("http://127.0.0.1:7070", dial=FakeExchange)  # type: ignore[arg-type]
