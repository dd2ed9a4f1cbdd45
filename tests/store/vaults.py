"""Data folders in both forms, and a user's settings folder of a test's own."""

from pathlib import Path

import pytest

from cryptex.store import data_key
from cryptex.store.unlock import KeyWish, unlock

both_forms = pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
"""Tests with this run on a plain and on an encrypted folder."""


def begin_folder(root: Path, *, encrypted: bool, key_file: Path | None = None) -> Path:
    """Make an empty data folder of this form; its key is in `node.key` beside it, or in `key_file`."""
    root.mkdir(mode=0o700, exist_ok=True)
    unlock(root, KeyWish("on" if encrypted else "off", "file", key_file or root.with_name("node.key")))
    return root


def forget_keys() -> None:
    """Forget what keys this process holds, as another process does not hold them."""
    data_key.let_go()
