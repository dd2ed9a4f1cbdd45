"""A key that nothing understands is told by its name, with what would be."""

import msgspec
import pytest

from cryptex.tui.settings.unknown_keys import unknown_key


class Inner(msgspec.Struct):
    size: int = 0
    names: dict[str, str] = {}


class Outer(msgspec.Struct):
    inner: Inner = msgspec.field(default_factory=Inner)
    each: dict[str, Inner] = {}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"inner": {"size": 3, "names": {"anything": "goes"}}, "each": {"one": {"size": 1}}}, ""),
        ({"outer": 1}, "it does not know `outer`; it knows inner, each"),
        ({"inner": {"sise": 3}}, "it does not know `sise` in [inner]; it knows size, names"),
        ({"each": {"one": {"sise": 3}}}, "it does not know `sise` in [each.one]; it knows size, names"),
        ({"inner": 3}, ""),
    ],
)
def test_unknown_key(data: dict[str, object], said: str) -> None:
    assert unknown_key(data, Outer) == said
