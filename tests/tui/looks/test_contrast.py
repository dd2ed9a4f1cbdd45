"""Every look can be read: ratios of contrast as WCAG 2 has them, of each ink on the grounds that it stands on."""

import pytest
from rich.color import Color
from rich.style import Style

from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.catalogue import LOOK_NAMES, look_named
from cryptex.tui.looks.look import ColourLook, Look
from cryptex.tui.looks.mono import MONO_NAME
from cryptex.tui.looks.up_down import OWN, SCHEMES

READ = 4.5
SEEN = 3.0
COLOURED = [name for name in LOOK_NAMES if name != MONO_NAME]
EVERY = [(name, scheme) for name in COLOURED for scheme in SCHEMES]
ROWS = (Ground.PANEL, Ground.SCREEN, Ground.RAISED, Ground.CURSOR)
BARS = (Ground.BUY_BAR, Ground.SELL_BAR)
CURSORS = (Ground.BUY_CURSOR, Ground.SELL_CURSOR)
BADGES = (Ground.BUY, Ground.SELL, Ground.ACCENT, Ground.INFO)
LEAST = {
    **{(ink, ground): READ for ink in (Ink.TEXT, Ink.BRIGHT) for ground in (*ROWS, *BARS, *CURSORS)},
    **{
        (ink, ground): READ
        for ink in (Ink.BUY, Ink.SELL, Ink.GOOD, Ink.BAD, Ink.ACCENT, Ink.INFO)
        for ground in (Ground.PANEL, Ground.SCREEN)
    },
    **{
        (ink, ground): SEEN
        for ink in (Ink.BUY, Ink.SELL, Ink.GOOD, Ink.BAD, Ink.ACCENT, Ink.INFO)
        for ground in (Ground.RAISED, Ground.CURSOR)
    },
    **{(Ink.MUTED, ground): SEEN for ground in (*ROWS, *BARS)},
    **{(Ink.FAINT, ground): SEEN for ground in (Ground.PANEL, Ground.SCREEN)},
    **{(Ink.BADGE, ground): READ for ground in BADGES},
    (Ink.BUY, Ground.BUY_BAR): SEEN,
    (Ink.SELL, Ground.SELL_BAR): SEEN,
}


def luminance(colour: Color) -> float:
    """Return the relative luminance."""
    assert colour.triplet is not None
    parts = [part / 255 for part in colour.triplet]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(style: Style) -> float:
    """Return the ratio of the lighter to the darker of a style's two colours."""
    assert style.color is not None
    assert style.bgcolor is not None
    darker, lighter = sorted((luminance(style.color), luminance(style.bgcolor)))
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(look: Look, *, stale: bool = False, least: dict[tuple[Ink, Ground], float] = LEAST) -> list[str]:
    """Return what is below its least contrast."""
    found = {pair: contrast(look.style(*pair, stale=stale)) for pair in least}
    return [
        f"{ink.name} on {ground.name} {found[ink, ground]:.2f}"
        for (ink, ground), at in least.items()
        if found[ink, ground] < at
    ]


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast(Style(color="#ffffff", bgcolor="#000000")) == pytest.approx(21)
    assert contrast(Style(color="#777777", bgcolor="#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("name", "scheme"), EVERY)
def test_every_ink_can_be_read_on_its_grounds(name: str, scheme: str) -> None:
    assert too_faint(look_named(name, scheme)) == []


@pytest.mark.parametrize("name", COLOURED)
def test_stale_numbers_can_still_be_seen(name: str) -> None:
    told = {(ink, Ground.PANEL): SEEN for ink in (Ink.TEXT, Ink.BRIGHT)}
    assert too_faint(look_named(name), stale=True, least=told) == []


@pytest.mark.parametrize("name", COLOURED)
def test_stale_is_fainter_than_live(name: str) -> None:
    look = look_named(name)
    for ink in (Ink.TEXT, Ink.BUY, Ink.SELL, Ink.BRIGHT):
        assert contrast(look.style(ink, Ground.PANEL, stale=True)) < contrast(look.style(ink, Ground.PANEL))


@pytest.mark.parametrize("name", COLOURED)
def test_text_of_css_can_be_read_in_fields(name: str) -> None:
    theme = look_named(name).theme()
    for ground in ("field", "field-focus", "input-selection-background", "raised", "cursor"):
        assert contrast(Style(color=theme.variables["bright"], bgcolor=theme.variables[ground])) >= READ
    assert theme.background is not None
    assert contrast(Style(color=theme.variables["focus"], bgcolor=theme.background)) >= SEEN


def test_the_palette_for_colour_blind_eyes_tells_up_from_down_by_more_than_red_and_green() -> None:
    """Red and green alike move blue little: up and down must differ there, as eyes without red or green see it."""
    look = look_named("clear")
    assert isinstance(look, ColourLook)
    up, down = (Color.parse(look.inks[ink]).triplet for ink in (Ink.BUY, Ink.SELL))
    assert up is not None
    assert down is not None
    assert abs(up.blue - down.blue) > 128


def test_schemes_swap_and_replace_up_and_down() -> None:
    night, east = look_named("night", "green-red"), look_named("night", "red-green")
    assert night.style(Ink.BUY) == east.style(Ink.SELL) != night.style(Ink.SELL)
    assert look_named("night", "#00ff00, #ff00ff").style(Ink.SELL) == Style(color="#ff00ff", bold=False)
    assert look_named("night", OWN).style(Ink.GOOD) == east.style(Ink.GOOD), "good news has its own colour"
    with pytest.raises(ValueError, match="green-red"):
        look_named("night", "pink")
