"""What the user has set is how the terminal looks and what its keys do; what can not be done is told."""

from pathlib import Path

from cryptex.tui.keys.help_screen import HelpScreen
from cryptex.tui.settings.terminal import FILE_NAME
from tests.tui.pilots import Desk, desk


def write(folder: Path, text: str) -> None:
    """Write the settings file."""
    (folder / FILE_NAME).write_text(text)


async def focus(on: Desk, *keys: str) -> str | None:
    """Press keys and return the id of what has the focus."""
    await on.pilot.press(*keys)
    return on.screen.focused.id if on.screen.focused else None


async def test_the_theme_is_worn_from_the_start_and_kept(tmp_path: Path) -> None:
    write(tmp_path, '# mine\n[looks]\ntheme = "clear"\nup_down = "red-green"\n')
    async with desk(settings_folder=tmp_path) as on:
        assert (on.app.look.name, on.app.scheme) == ("clear", "red-green")
        await on.pilot.press("ctrl+t")
        assert (on.app.look.name, on.app.scheme) == ("mono", "red-green")
    assert (tmp_path / FILE_NAME).read_text() == '# mine\n[looks]\ntheme = "mono"\nup_down = "red-green"\n'


async def test_the_users_keys_are_in_force(tmp_path: Path) -> None:
    write(tmp_path, '[keys]\n"panel.tape" = "ctrl+g, f8"\n"ladder.down" = "n"\n')
    async with desk((160, 45), settings_folder=tmp_path) as on:
        assert await focus(on, "ctrl+g") == "tape"
        assert await focus(on, "l", "t") == "ladder"
        assert await focus(on, "f8") == "tape"
        before = on.screen.desk.ladder.cursor
        await on.pilot.press("l", "n")
        assert on.screen.desk.ladder.cursor != before
        await on.pilot.press("question_mark")
        assert isinstance(on.app.screen, HelpScreen)
        await on.pilot.press("f1")
        assert on.app.screen is on.screen


async def test_the_key_bar_and_titles_say_the_users_keys(tmp_path: Path) -> None:
    write(tmp_path, '[keys]\n"app.quit" = "ctrl+x"\n"panel.ladder" = "f8"\n')
    async with desk((160, 45), settings_folder=tmp_path) as on:
        bar = on.screen.key_bar.render_line(0).text
        assert " ^x  quit " in bar
        title = on.screen.desk.ladder.border_title
        assert isinstance(title, str)
        assert "F8 " in title


async def test_what_is_wrong_in_the_file_is_told_in_activity(tmp_path: Path) -> None:
    write(tmp_path, '[keys]\n"panel.tape" = "hyperspace"\n"panel.tap" = "g"\n')
    async with desk((200, 55), settings_folder=tmp_path) as on:
        said = [note.text for note in on.screen.model.activity]
        assert any("'hyperspace' is no key" in text for text in said)
        assert any("there is no action 'panel.tap'" in text for text in said)
        assert await focus(on, "t") == "tape"


async def test_a_bad_file_stops_nothing_and_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, '[looks]\nthem = "day"\n')
    async with desk((200, 55), settings_folder=tmp_path) as on:
        assert on.app.look.name == "night"
        assert any("does not know `them` in [looks]; it knows theme" in note.text for note in on.screen.model.activity)
        await on.pilot.press("ctrl+t")
        assert on.app.look.name == "day"
        assert any("mend or delete it" in note.text for note in on.screen.model.activity)
    assert (tmp_path / FILE_NAME).read_text() == '[looks]\nthem = "day"\n'
