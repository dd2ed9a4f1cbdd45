"""The command that makes the pictures of the pages: the same bytes each time, and nothing fetched from anywhere."""

import re

import pytest

from tests.docs.pages import ROOT
from tests.tui.pictures import FONTS, PICTURES, own_fonts, picture


async def test_a_picture_is_the_same_in_every_run() -> None:
    smallest = min(PICTURES, key=lambda each: each.size)
    assert await picture(smallest) == await picture(smallest)


def test_fonts_are_those_of_the_reader() -> None:
    svg = "<style>@font-face {\n src: url('https://x/y.woff2');\n}\n.t { font-family: Fira Code, monospace; }</style>"
    assert own_fonts(svg) == f"<style>.t {{ font-family: {FONTS}; }}</style>"


@pytest.mark.parametrize("wanted", PICTURES, ids=lambda each: each.file)
def test_the_pictures_of_the_pages_fetch_nothing(wanted: object) -> None:
    svg = (ROOT / "docs" / wanted.file).read_text()  # type: ignore[attr-defined]
    assert "font-face" not in svg
    assert "url(http" not in svg
    assert not re.search(r"(href|src)=", svg)
