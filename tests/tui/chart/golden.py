"""Golden pictures: what the chart draws, as plain text. UPDATE_GOLDEN=1 writes them anew; look at them."""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptex.tui.drawing.panel import Line

GOLDEN = Path(__file__).parent / "golden"


def picture(lines: Sequence[Line]) -> str:
    """Return lines as text, without what is empty at their ends."""
    return "".join("".join(span.text for span in line).rstrip() + "\n" for line in lines)


def expect(name: str, lines: Sequence[Line]) -> None:
    """Compare a picture with its golden file."""
    path = GOLDEN / f"{name}.txt"
    text = picture(lines)
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()
