"""What `make audit` looks for is found where it is, and is not in this repository."""

import json
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from tests import audit

LONG = "x" * 43


@pytest.mark.parametrize(
    "text",
    [
        f"-----BEGIN PRIVATE KEY-----\n{'M' * 64}\n",
        f"-----BEGIN EC PRIVATE KEY-----\n{'M' * 64}\n",
        f"TOKEN = 'cxk_{LONG}'",
        "AKIA" + "A1" * 8,
        "ghp_" + "a" * 36,
        "postgresql://bob:" + "a-real-one@db/cryptex",
    ],
)
def test_what_looks_like_a_secret_is_found(text: str) -> None:
    assert len(audit.secrets_in(text)) == 1


@pytest.mark.parametrize(
    "text", ["-----BEGIN CERTIFICATE-----", "cxk_secret", "http://127.0.0.1:7070/docs", "http://{user}:{password}@host"]
)
def test_what_does_not_is_not(text: str) -> None:
    assert audit.secrets_in(text) == []


def test_no_secret_is_in_this_repository() -> None:
    assert audit.secrets() == 0


def test_everything_that_is_installed_may_be_used() -> None:
    assert audit.licences() == 0


class Package(Distribution):
    """A package that says these things of itself."""

    def __init__(self, **said: str) -> None:
        self._meta = Message()
        for name, text in {"Name": "thing", **said}.items():
            self._meta[name.replace("_", "-")] = text

    @property
    def metadata(self) -> Message:  # type: ignore[override]
        """What it says."""
        return self._meta

    def read_text(self, filename: str) -> None:
        """Nothing."""

    def locate_file(self, path: object) -> Path:  # type: ignore[override]
        """Nowhere."""
        return Path()


@pytest.mark.parametrize(
    ("said", "licences"),
    [
        ({"License_Expression": "Apache-2.0 OR BSD-2-Clause"}, [["Apache-2.0", "BSD-2-Clause"]]),
        ({"License_Expression": "MIT AND Zlib"}, [["MIT"], ["Zlib"]]),
        ({"License": "Apache 2.0"}, [["Apache-2.0"]]),
        ({"Classifier": "License :: OSI Approved :: ISC License (ISCL)"}, [["ISC"]]),
        ({"License": "GPL-3.0"}, [["GPL-3.0"]]),
        ({}, []),
    ],
)
def test_licences_are_read_however_they_are_said(said: dict[str, str], licences: list[list[str]]) -> None:
    assert audit.licences_of(Package(**said)) == licences


@pytest.mark.parametrize("found", [[["GPL-3.0"]], [["MIT"], ["AGPL-3.0-or-later"]], []])
def test_what_is_not_allowed_fails(found: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "installed_licences", lambda: iter([("thing", found)]))
    assert audit.licences() == 1


def test_what_can_not_run_is_skipped_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "find_spec", lambda _: None)
    assert audit.main(["advisories"]) == 0
    assert "skipped: pip-audit is not installed" in capsys.readouterr().out


def test_a_report_of_advisories_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    good = {"name": "fine", "version": "1", "vulns": []}
    bad = {"name": "old", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
    unknown = {"name": "own", "skip_reason": "not there"}
    assert audit.judge(json.dumps({"dependencies": [good, unknown]}), "") == 0
    assert audit.judge(json.dumps({"dependencies": [good, bad]}), "") == 1
    assert "old 2: CVE-1, fixed in 3" in capsys.readouterr().out
    for report, errors in ((json.dumps({"dependencies": [unknown]}), ""), ("", "Traceback\nConnectionError: no")):
        with pytest.raises(audit.Skipped):
            audit.judge(report, errors)
