"""What is said of a node that did not start."""

import errno
from pathlib import Path

from cryptex.node.start_words import why_not_started
from cryptex.node.startup import StartRefused

FOLDER = Path("/srv/exchange")


def test_what_was_foreseen_says_it_itself() -> None:
    assert why_not_started(StartRefused("restore a backup"), FOLDER) == "restore a backup"


def test_a_folder_that_can_not_be_used_is_named_with_the_way_on() -> None:
    missing = OSError(errno.ENOENT, "No such file or directory", str(FOLDER))
    said = "the data folder /srv/exchange can not be used (No such file or directory): name another one with --data-dir"
    assert why_not_started(missing, FOLDER) == said
    inside = OSError(errno.ENOTDIR, "Not a directory", "/srv/exchange/vault")
    assert "(/srv/exchange/vault: Not a directory)" in why_not_started(inside, FOLDER)


def test_what_nobody_foresaw_is_a_fault_of_the_program() -> None:
    assert "a fault of cryptex" in why_not_started(ValueError("x"), FOLDER)
