"""Files that are private to the node's user and survive a power cut."""

import os
from pathlib import Path
from typing import Final

FILE_MODE: Final = 0o600


def create_private(path: Path) -> None:
    """Create an empty file of mode 0600 unless there is one.

    An existing file is not even opened: closing it would drop the locks that SQLite holds on it in this process.
    """
    if path.exists():
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE))
    except FileExistsError:
        return
    sync_path(path.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Put a file in place whole: readers and crashes see the old one or the new one, never a part."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_path(path.parent)


def sync_path(path: Path) -> None:
    """Fsync a file or a folder (on Windows a folder can not be, and need not)."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
