"""One value is changed, and nothing else."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.settings.toml_edit import NotEditable, with_value
from cryptex.tui.settings.toml_text import toml_text

KEPT = """\
# mine
[keys]
"orders.cancel" = "x"  # not ctrl+x

[ looks ] # colours
up_down = "red-green"
theme = "night" # for now

[ticket]
theme = "other"
"""
names = st.sampled_from(["looks", "keys", "theme", "up_down", "a-b"])
tables = st.dictionaries(names, st.dictionaries(names, st.one_of(st.text(max_size=5), st.booleans()), max_size=3))


def test_a_value_is_replaced_where_it_stands() -> None:
    assert with_value(KEPT, "looks", "theme", "day") == KEPT.replace('theme = "night" # for now', 'theme = "day"')


def test_a_key_is_added_to_its_section() -> None:
    assert with_value(KEPT, "ticket", "confirm", False) == KEPT.replace("[ticket]\n", "[ticket]\nconfirm = false\n")


def test_a_line_ends_where_toml_says() -> None:
    text = '[looks]\nname = "a\x85\u2028b"\r\n'
    assert with_value(text, "looks", "name", "c") == '[looks]\nname = "c"\n'
    assert with_value(text, "keys", "name", "c").startswith(text)


def test_a_section_is_added_at_the_end() -> None:
    assert with_value("", "looks", "theme", "day") == '[looks]\ntheme = "day"\n'
    assert with_value("a = 1", "looks", "sizes", ["1", "2"]) == 'a = 1\n\n[looks]\nsizes = ["1", "2"]\n'


@pytest.mark.parametrize(
    "text",
    ['looks = { theme = "night" }', 'looks.theme = "night"', "looks = 3", '[looks]\n"theme" = "night"'],
)
def test_other_forms_are_refused_rather_than_broken(text: str) -> None:
    with pytest.raises(NotEditable):
        with_value(text, "looks", "theme", "day")


@given(tables, names, names, st.text(max_size=8))
def test_what_is_read_back_differs_in_this_value_alone(
    table: dict[str, dict[str, str | bool]], section: str, key: str, value: str
) -> None:
    found = tomllib.loads(with_value(toml_text(table), section, key, value))
    table.setdefault(section, {})[key] = value
    assert found == table
