"""Settings are read and written whole, or the user hears why not."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.settings.settings_file import FILE_BYTES_MAX, SettingsFile
from cryptex.tui.settings.toml_text import toml_text

names = st.text(st.characters(codec="utf-8"), max_size=8)
plain = st.one_of(names, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.lists(names, max_size=3))
values = st.recursive(plain, lambda inner: st.dictionaries(names, inner, max_size=3))
tables = st.dictionaries(names, values, max_size=5)


class Colours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    theme: str = "night"
    sizes: list[int] = []
    keys: dict[str, str] = {}


@given(tables)
def test_toml_text_is_read_back_as_the_same(table: dict[str, object]) -> None:
    assert tomllib.loads(toml_text(table)) == table


def test_toml_text_of_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        toml_text({"price": 1.5})


def test_what_is_saved_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "made" / "looks.toml"
    file = SettingsFile(path, Colours)
    assert (file.value, file.complaint) == (Colours(), "")
    chosen = Colours("day", [1, 2], {"ladder.recentre": "r", "é": '"'})
    assert file.save(chosen) == ""
    assert SettingsFile(path, Colours).value == chosen
    assert [p.name for p in path.parent.iterdir()] == ["looks.toml"], "nothing is left beside it"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'colour = "red"', "does not know `colour`; it knows theme, sizes, keys"),
        (b"theme = 3", "$.theme"),
        (b"theme = ", "Invalid value"),
        (b'theme = "\xff"', "utf-8"),
        (b"#" * (FILE_BYTES_MAX + 1), "more than 64 KiB"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_of_and_left_alone(tmp_path: Path, text: bytes, said: str) -> None:
    path = tmp_path / "looks.toml"
    path.write_bytes(text)
    file = SettingsFile(path, Colours)
    assert file.value == Colours()
    assert said in file.complaint
    assert str(path) in file.complaint
    assert "mend or delete it" in file.save(Colours("day"))
    assert path.read_bytes() == text
    assert file.value == Colours("day"), "it holds as long as the terminal runs"


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    file = SettingsFile(tmp_path / "taken" / "looks.toml", Colours)
    assert "cannot be" in (file.complaint or file.save(Colours()))


def test_without_a_folder_values_live_as_long_as_the_terminal() -> None:
    file = SettingsFile(None, Colours)
    assert file.save(Colours("day")) == ""
    assert file.value.theme == "day"
    assert not file.is_kept
