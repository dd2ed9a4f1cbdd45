"""Golden files: what a command prints in each form. UPDATE_GOLDEN=1 writes them anew."""

import os
from pathlib import Path

FORMS = ("table", "json", "ndjson", "csv")
GOLDEN = Path(__file__).parent / "golden"


def expect(name: str, form: str, text: str) -> None:
    """Compare a text with its golden file."""
    path = GOLDEN / f"{name}.{form}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()
