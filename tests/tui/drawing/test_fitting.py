"""Groups of a line come whole or not at all, by their rank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cryptex.tui.drawing.fitting import Group, cells, first_fitting, fitted_line, group
from cryptex.tui.drawing.panel import Line, Span


def line(text: str) -> Line:
    return (Span(text),)


GROUPS = (
    group(0, line("BTC-USDT ")),
    group(2, line("high 62,010 low 59,880 "), line("H 62,010 L 59,880 ")),
    group(3, line("volume 12 "), line("vol 12 ")),
    group(1, line("live 3 ms"), line("live"), at_right=True),
)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (8, ""),
        (9, "BTC-USDT"),
        (13, "BTC-USDT live"),
        (18, "BTC-USDT live 3 ms"),
        (31, "BTC-USDT H 62,010 L 59,880 live"),
        (36, "BTC-USDT H 62,010 L 59,880 live 3 ms"),
        (38, "BTC-USDT H 62,010 L 59,880 vol 12 live"),
        (43, "BTC-USDT H 62,010 L 59,880 vol 12 live 3 ms"),
        (51, "BTC-USDT high 62,010 low 59,880 volume 12 live 3 ms"),
    ],
)
def test_more_room_shows_more(width: int, text: str) -> None:
    drawn = "".join(span.text for span in fitted_line(GROUPS, width))
    assert " ".join(drawn.split()) == text
    assert len(drawn) == width


texts = st.text("ab界", min_size=1, max_size=9)
groups = st.builds(
    lambda rank, forms, at_right: group(rank, *map(line, sorted(forms, key=cell_len, reverse=True)), at_right=at_right),
    st.integers(0, 5),
    st.lists(texts, min_size=1, max_size=3),
    st.booleans(),
)


@given(st.lists(groups, max_size=6), st.integers(0, 80))
def test_a_line_is_as_wide_as_asked_and_no_group_is_cut(given_groups: list[Group], width: int) -> None:
    drawn = fitted_line(given_groups, width)
    assert cells(drawn) == width
    whole = {form for each in given_groups for form in each.forms}
    assert all((span,) in whole for span in drawn if span.text.strip())


def test_of_parts_the_first_stay_and_none_after_one_that_does_not_fit() -> None:
    parts = [line("price"), line(" a long one"), line(" s")]
    assert ["".join(span.text for span in first_fitting(parts, width)).rstrip() for width in (4, 8, 16, 18)] == [
        "",
        "price",
        "price a long one",
        "price a long one s",
    ]
