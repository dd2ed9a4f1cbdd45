"""What the pages of promises name is there: the tests that hold them, and the modules that keep them."""

import re

import pytest

from tests.docs.pages import ROOT

PAGES = ("security.md", "reliability.md")
_TEST = re.compile(r"`(tests/[\w/.]+\.py)")
_MODULE = re.compile(r"`((?:node|store|engine|client|protocol|cli)/\w+\.py)`")
_REQUIREMENT = re.compile(r"\bV(\d+)\.(\d+)\.(\d+)\b")


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_and_modules_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = [*_TEST.findall(text), *(f"cryptex/{each}" for each in _MODULE.findall(text))]
    assert [each for each in named if not (ROOT / each).is_file()] == []


def test_no_requirement_is_both_met_and_missed_and_none_lies_outside_the_standard() -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8").partition("## ASVS")[2]
    met, _, missed = text.partition("Not met")
    found = [set(_REQUIREMENT.findall(part)) for part in (met, missed)]
    assert all(found)
    assert found[0] & found[1] == {("16", "3", "2")}  # in part
    assert {int(chapter) for part in found for chapter, _, _ in part} <= set(range(1, 18)) - {5, 9, 10, 17}
