"""The terminal's settings: read, changed, and left alone where they can not be used."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.looks.palettes import NIGHT
from cryptex.tui.looks.up_down import up_down
from cryptex.tui.settings.terminal import FILE_NAME, Settings, TerminalSettings
from tests.docs.pages import blocks


def test_a_change_is_found_again_and_the_rest_is_kept(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('# mine\n[keys]\n"app.quit" = "ctrl+q"\n')
    assert TerminalSettings(tmp_path).change("looks", "theme", "day") == ""
    again = TerminalSettings(tmp_path)
    assert again.value.looks.theme == "day"
    assert again.value.keys == {"app.quit": "ctrl+q"}
    assert (tmp_path / FILE_NAME).read_text().startswith("# mine\n")


def test_colours_of_ones_own_are_taken(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[looks]\nup_down = "#2dd4bf, #F472B6"\n')
    settings = TerminalSettings(tmp_path)
    assert settings.complaint == ""
    assert up_down(settings.value.looks.up_down, NIGHT) == ("#2dd4bf", "#f472b6")


def test_without_a_folder_a_change_holds_until_the_end() -> None:
    settings = TerminalSettings()
    assert settings.change("looks", "theme", "day") == ""
    assert settings.value.looks.theme == "day"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[look]\n", "it does not know `look`; it knows looks, "),
        ('[looks]\ncolour = "red"\n', "it does not know `colour` in [looks]; it knows theme, up_down"),
        ('[looks]\ntheme = "pink"\n', "theme is one of night, day"),
        ('[looks]\nup_down = "pink"\n', "up_down is theme, green-red"),
        ("[keys]\nquit = 3\n", "$.keys"),
    ],
)
def test_a_bad_file_is_told_of_and_never_overwritten(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    settings = TerminalSettings(tmp_path)
    assert said in settings.complaint
    assert settings.value == Settings()
    assert "mend or delete it" in settings.change("looks", "theme", "day")
    assert settings.value.looks.theme == "day", "it holds as long as the terminal runs"
    assert (tmp_path / FILE_NAME).read_text() == text


def test_a_file_that_went_bad_meanwhile_is_left_alone(tmp_path: Path) -> None:
    settings = TerminalSettings(tmp_path)
    for text in ("theme = ", 'looks = { theme = "day" }'):
        (tmp_path / FILE_NAME).write_text(text)
        assert "is left as it is" in settings.change("looks", "theme", "ember")
        assert (tmp_path / FILE_NAME).read_text() == text


def test_a_folder_that_can_not_be_written_is_told_of(tmp_path: Path) -> None:
    settings = TerminalSettings(tmp_path / "made")
    (tmp_path / "made").write_text("")
    assert "cannot be" in settings.change("looks", "theme", "day")


def test_nonsense_is_not_taken(tmp_path: Path) -> None:
    settings = TerminalSettings(tmp_path)
    with pytest.raises(msgspec.ValidationError):
        settings.change("looks", "theme", "pink")
    assert settings.value == Settings()
    assert list(tmp_path.iterdir()) == []


def test_the_example_of_the_page_for_traders_is_taken_whole(tmp_path: Path) -> None:
    (example,) = (block.text for block in blocks("toml") if block.file == FILE_NAME)
    (tmp_path / FILE_NAME).write_text(example)
    settings = TerminalSettings(tmp_path)
    assert settings.complaint == ""
    assert tomllib.loads(example).keys() == set(Settings.__struct_fields__), "each section is shown"
    assert Keymap(settings.value.keys).complaints == []
