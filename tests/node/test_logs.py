"""What a node says on stderr: no secret, no forged line, no flood."""

import io
import json
import logging

import pytest

from cryptex.node import logs
from cryptex.store.api_keys import PREFIX
from cryptex.store.tokens import new_token

HOSTILE = "name\n2026-01-01 CRITICAL cryptex: forged \x1b[2J\x9b31m\u202eevil\u200b\r"


class Written:
    """A stream that a logger of its own writes to, in one of the two forms."""

    def __init__(self, form: str) -> None:
        self.form = form
        self._stream = io.StringIO()
        self._handler = logs.handler_to(self._stream, as_json=form == "json")

    def logger(self, name: str) -> logging.Logger:
        """Return a logger of a library that knows nothing of all this."""
        logger = logging.Logger(name, logging.WARNING)
        logger.addHandler(self._handler)
        return logger

    def take(self) -> str:
        """Return what was written since the last call."""
        text = self._stream.getvalue()
        self._stream.seek(0)
        self._stream.truncate()
        return text


@pytest.fixture(params=["lines", "json"])
def written(request: pytest.FixtureRequest) -> Written:
    """What is written, in each form."""
    return Written(request.param)


def test_a_line_says_when_how_bad_who_and_what(written: Written) -> None:
    written.logger("cryptex.node.test").warning("batch of %d was late", 7)
    line = written.take()
    if written.form == "json":
        event = json.loads(line)
        assert event.pop("timestamp").endswith("Z")
        assert event == {"event": "batch of 7 was late", "level": "warning", "logger": "cryptex.node.test"}
    else:
        assert line.partition(" ")[2] == "WARNING cryptex.node.test: batch of 7 was late\n"
    written.logger("cryptex").info("nobody needs this")
    assert written.take() == ""


def test_what_a_stranger_wrote_forges_no_line_and_moves_no_cursor(written: Written) -> None:
    log = written.logger("library")
    log.warning("%s failed", HOSTILE)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        log.exception("inside")
    text = written.take()
    assert all(char.isprintable() or char == "\n" for char in text)
    begun = [line for line in text.splitlines() if not line.startswith("    ")]
    assert len(begun) == 2, "everything else is set in"
    assert "forged" in text
    assert "ValueError" in text


def test_secrets_are_taken_out_wherever_they_stand(written: Written) -> None:
    token, key = new_token(), PREFIX + new_token()
    log = written.logger("library")
    log.warning("headers: Authorization: Bearer %s, x: 1", token)
    log.warning('body {"username":"ann","password":"hunter22 and more","new_password": "hunter33"}')
    log.warning("token=%s&x=1 key %s", token, key)
    log.warning("of a path /sessions?secret=hunter44 and a fingerprint SHA256:%s", "A" * 43)
    try:
        raise ValueError(f"token {token}")
    except ValueError:
        log.exception("inside")
    text = written.take()
    assert text.count(logs.REDACTED) >= 7
    assert not any(secret in text for secret in (token, key, "hunter"))
    assert "SHA256:" + "A" * 43 in text
    assert "ann" in text


@pytest.mark.parametrize("before", ["", "cxk_", "cxh_1_", "cxe_12345_"])
@pytest.mark.parametrize("around", ["%s", "/%s", "/%s/", "x:%s", "(%s)", "key %s.", "'%s'", "?a=%s&b"])
def test_every_kind_of_token_is_taken_out(before: str, around: str, written: Written) -> None:
    token = new_token()
    written.logger("library").warning("seen: %s", around % (before + token))
    text = written.take()
    assert token not in text
    assert text.count(logs.REDACTED) == 1


def test_an_ed25519_key_of_any_length_is_taken_out_and_names_of_events_are_not(written: Written) -> None:
    secret = "A/b+" * 12
    written.logger("library").warning("cxe_7_%s== of SHA256:%s in excxe_mple %s", secret, "B" * 43, "c" * 64)
    text = written.take()
    assert "b+A" not in text
    assert "SHA256:" + "B" * 43 in text
    assert "excxe_mple " + "c" * 64 in text


def test_a_fact_by_the_name_of_a_secret_is_none() -> None:
    assert logs.clean(None, "", {"event": "login", "password": "x", "count": 3}) == {
        "event": "login",
        "password": logs.REDACTED,
        "count": 3,
    }


def test_long_values_are_cut(written: Written) -> None:
    written.logger("library").warning("x " * logs.LINE_CHARS_MAX)
    assert len(written.take()) < logs.LINE_CHARS_MAX + 200


def test_what_repeats_itself_is_held_back_and_counted() -> None:
    now_s = 0.0
    repeats = logs.Repeats(lambda: now_s)

    def passes(message: str, *args: object) -> str | None:
        record = logging.LogRecord("library", logging.WARNING, "", 0, message, args, None)
        return record.getMessage() if repeats.filter(record) else None

    said = [passes("%s failed", f"/path/{number}") for number in range(100)]
    assert [each for each in said if each] == [f"/path/{number} failed" for number in range(logs.REPEATS_MAX)]
    assert passes("another line") == "another line"
    now_s = logs.REPEATS_WINDOW_S
    assert passes("%s failed", "again") == f"again failed (and {100 - logs.REPEATS_MAX} more like this before)"
    assert passes("%s failed", "again") == "again failed"
    for number in range(2 * logs.KINDS_MAX):
        passes(f"kind {number}")
    assert len(repeats._kinds) == logs.KINDS_MAX
