"""After every test here: no money was made or lost in any folder that it left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.money import audit

DAMAGED = "damaged"
"""Folders below one of this name were spoiled on purpose, and are not audited."""


@pytest.fixture(autouse=True)
def money_is_conserved(tmp_path: Path) -> Iterator[None]:
    """Audit each data folder in the test's own, once its nodes have ended."""
    yield
    for journal in sorted(tmp_path.rglob("journal.db")):
        if DAMAGED not in journal.relative_to(tmp_path).parts:
            audit(journal.parent)
