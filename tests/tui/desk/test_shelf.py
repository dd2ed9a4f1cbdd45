"""Layouts by name: built in, and the user's, kept in a file."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.geometry import Size

from cryptex.tui.desk.layouts import LAYOUTS
from cryptex.tui.desk.part import Part
from cryptex.tui.desk.plan import Choice
from cryptex.tui.desk.shelf import FILE_NAME, LAYOUTS_MAX, NAME_CHARACTERS_MAX, Shelf, fit_name

MINE = Choice(
    "chart", frozenset({Part.TAPE, Part.LEDGER}), recent=(Part.FILLS, Part.LEDGER), asked=((Part.CHART, Size(90, 0)),)
)


def test_a_layout_is_found_again_by_another_terminal(tmp_path: Path) -> None:
    assert Shelf(tmp_path).save("mine", MINE) == ""
    again = Shelf(tmp_path)
    assert again.complaint == ""
    assert again.names == [*LAYOUTS, "mine"]
    assert again.chosen == "mine"
    kept = replace(MINE, recent=(Part.FILLS,))
    assert again.choice("mine") == kept, "a tab that is off is not in front"
    assert again.after("teaching") == "mine"
    assert again.after("mine") == "trader"


def test_removing_goes_back_to_the_default(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.save("mine", MINE)
    assert shelf.remove("mine") == ""
    assert (Shelf(tmp_path).names, Shelf(tmp_path).chosen) == (list(LAYOUTS), "trader")


def test_the_layout_in_use_is_remembered(tmp_path: Path) -> None:
    assert Shelf(tmp_path).choose("ladder") == ""
    assert Shelf(tmp_path).chosen == "ladder"


def test_built_in_names_can_not_be_taken() -> None:
    shelf = Shelf()
    assert "built in" in shelf.save("chart", MINE)
    assert shelf.names == list(LAYOUTS)


def test_there_is_a_most_of_layouts() -> None:
    shelf = Shelf()
    for number in range(LAYOUTS_MAX):
        assert shelf.save(str(number), MINE) == ""
    assert str(LAYOUTS_MAX) in shelf.save("one more", MINE)
    assert shelf.save("0", Choice()) == "", "one that is there can be written over"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[layouts.mine]\nbase = "wide"', "base must be one of trader, chart, ladder, teaching"),
        ('[layouts.mine]\noff = ["tap"]', "tap"),
        ("[layouts.mine]\ncolour = 1", "colour"),
        ("[layouts.mine.sizes]\nchart = [1, 1001]", "1000"),
        (f"[layouts.mine]\noff = {[part.value for part in Part]}", "leaves no panel"),
        ('chosen = "gone"', ""),
    ],
)
def test_a_bad_file_is_told_of(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    shelf = Shelf(tmp_path)
    assert said in shelf.complaint
    assert shelf.chosen == "trader"
    assert shelf.choice("trader") == Choice()


def test_names_are_made_fit() -> None:
    assert fit_name("  my\x1b desk ") == "my desk"
    assert len(fit_name("x" * 99)) == NAME_CHARACTERS_MAX
    assert fit_name(" \n ") == ""
