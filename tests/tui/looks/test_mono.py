"""Without colours, meaning is carried by what terminals of all times can: bold, dim, underline, reverse."""

from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.catalogue import look_named
from cryptex.tui.looks.mono import MONO_NAME

LOOK = look_named(MONO_NAME)


def test_no_style_has_a_colour() -> None:
    for ink in Ink:
        for ground in (None, *Ground):
            for stale in (False, True):
                style = LOOK.style(ink, ground, stale=stale)
                assert style.color is None
                assert style.bgcolor is None


def test_up_down_and_trouble_differ() -> None:
    assert len({LOOK.style(ink) for ink in (Ink.BUY, Ink.SELL, Ink.TEXT, Ink.BAD)}) == 4


def test_bars_and_cursors_differ_from_what_lies_beside_them() -> None:
    assert LOOK.style(Ink.TEXT, Ground.BUY_BAR).underline
    assert LOOK.style(Ink.TEXT, Ground.CURSOR).reverse
    assert not LOOK.style(Ink.FAINT, Ground.CURSOR).dim, "dim on reverse can not be read"


def test_what_is_stale_is_dim() -> None:
    assert LOOK.style(Ink.BRIGHT, stale=True, bold=True).dim
    assert not LOOK.style(Ink.BRIGHT, stale=True, bold=True).bold
