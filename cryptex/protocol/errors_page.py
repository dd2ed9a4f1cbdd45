"""The catalogue of problems as a page for users: `python -m cryptex.protocol.errors_page > docs/errors.md`."""

import sys
from typing import Final

from cryptex.protocol.problems import CATALOGUE, Code, Entry

_HEAD: Final = """\
# Errors

Every problem has a code. Codes are stable: programs match on them, people read the details. This page is generated
from the catalogue in `cryptex/protocol/problems.py`.

REST answers `application/problem+json` with the status below; the websocket puts the same code in `error`; the CLI
prints one line on stderr and exits with the number below. A retryable problem may go away by itself: the same
request can be sent again. After `outcome_unknown`, ask before you send again.

| code | meaning | what to do | HTTP status | exit code | retryable | SDK family |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the page as markdown, a row for each code in the catalogue's order."""
    return _HEAD + "".join([_row(code, entry) for code, entry in CATALOGUE.items()])


def _row(code: Code, entry: Entry) -> str:
    retryable = "yes" if entry.retryable else "no"
    cells = (
        f"`{code}`",
        entry.title,
        entry.suggestion,
        str(entry.status),
        str(int(entry.exit_code)),
        retryable,
        entry.family,
    )
    return "| " + " | ".join([cell.replace("|", "\\|") for cell in cells]) + " |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
