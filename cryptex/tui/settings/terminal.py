"""What the user has set for the terminal: one file, a section a room, written by hand or by the terminal."""

from pathlib import Path
from typing import Final

import msgspec

from cryptex.tui.chart.settings import ChartSettings
from cryptex.tui.ladder.settings import LadderSettings
from cryptex.tui.looks.settings import LooksSettings
from cryptex.tui.orders.settings import OrderSettings
from cryptex.tui.settings.settings_file import SettingsFile, read_text, write_text
from cryptex.tui.settings.toml_edit import NotEditable, Value, with_value
from cryptex.tui.ticket.settings import TicketSettings

FILE_NAME: Final = "terminal.toml"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sections. Each room has the struct of its own; one without a default for every key can not stand here."""

    looks: LooksSettings = LooksSettings()
    chart: ChartSettings = ChartSettings()
    ladder: LadderSettings = LadderSettings()
    ticket: TicketSettings = TicketSettings()
    orders: OrderSettings = OrderSettings()
    keys: dict[str, str] = {}
    """Keys by the name of their action, several parted by commas: `cancel = "x,delete"`. See `keys.keymap`."""


class TerminalSettings:
    """The settings in force, and the file that keeps them. Without a folder they live as long as the terminal."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = None if folder is None else folder / FILE_NAME
        file = SettingsFile(self._path, Settings)
        self.value = file.value
        self.complaint = file.complaint

    def change(self, section: str, key: str, value: Value) -> str:
        """Set a key of a section, now and in the file; returns why the file could not take it, or nothing.

        Raises msgspec.ValidationError for what no file may say.
        """
        data = msgspec.to_builtins(self.value)
        data.setdefault(section, {})[key] = value
        self.value = msgspec.convert(data, Settings)
        return "" if self._path is None else self._write(self._path, section, key, value)

    def _write(self, path: Path, section: str, key: str, value: Value) -> str:
        if self.complaint:
            return f"{path.name} is left as it is, for it is not used: mend or delete it"
        try:
            write_text(path, with_value(read_text(path), section, key, value))
        except NotEditable:
            return f"{path.name} is left as it is: it needs a line [{section}] with `{key}` below it"
        except OSError as error:
            return f"{path.name} cannot be written: {error.strerror or error}"
        except ValueError as error:
            return f"{path.name} is left as it is: {error}"
        return ""
