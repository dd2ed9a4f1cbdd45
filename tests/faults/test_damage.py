"""Damaged files: a start is refused with the way back, or it is proven to be where it was, or the loss is named."""

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from cryptex.node.verify import verify
from cryptex.protocol.problems import ExitCode
from tests.end_to_end.node_process import NodeProcess
from tests.faults.conftest import DAMAGED
from tests.faults.damage import (
    FORMS,
    HARMS,
    SHORTER,
    WAY_BACK,
    Harm,
    Image,
    check,
    copy,
    files_of,
    flip,
    harm_file,
    judge,
    make_images,
)
from tests.node.edge import PASSWORD

FLIPS = 30
CHECKSUMMED = ("journal.db", "journal.db-wal", "witness", "snapshots/*")
"""What is checked in either form, byte by byte."""

ENCRYPTED = ("users.db", "users.db-wal", "vault")
"""What is, too, where it is encrypted."""

Images = dict[str, tuple[Image, Image, Path]]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """A node's folder in each form: killed, stopped, and halfway."""
    root = tmp_path_factory.mktemp("images")
    return {form: asyncio.run(make_images(root / form, form)) for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_one_flipped_bit_is_noticed_or_changes_nothing(images: Images, tmp_path: Path, form: str) -> None:
    count = flips(images[form], tmp_path / DAMAGED, form, FLIPS)
    assert count.total() == FLIPS
    assert count["equal"] < FLIPS, "some of it was noticed"


def flips(images: tuple[Image, Image, Path], folder: Path, form: str, times: int, seed: int = 0) -> Counter[str]:
    """Flip a bit in so many copies, of a killed node and of a stopped one in turn; return what came of it."""
    random, count = Random(seed), Counter[str]()
    names = (*CHECKSUMMED, *ENCRYPTED) if form == "encrypted" else CHECKSUMMED
    for number in range(times):
        image = images[number % 2]
        copied = copy(image.folder, folder)
        path = random.choice(list(files_of(copied, names)))
        harm_file(path, flip, random)
        count[check(image, copied, f"flip {number} of seed {seed} in {path.name}")] += 1
    return count


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("harm", HARMS[1:], ids=lambda harm: harm.__name__)
def test_lost_and_torn_pages(images: Images, tmp_path: Path, form: str, harm: Harm) -> None:
    random = Random(form)
    for image in images[form][:2]:
        for name in CHECKSUMMED:
            for file in files_of(image.folder, (name,)):
                copied = copy(image.folder, tmp_path / DAMAGED)
                harm_file(copied / file.relative_to(image.folder), harm, random)
                check(image, copied, f"{harm.__name__} in {name}")


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_plain_users_store_has_no_checksums_but_no_damage_ends_in_a_fault(
    images: Images, tmp_path: Path, harm: Harm
) -> None:
    random = Random(1)
    for name in ("users.db", "lock.db", "journal.db-shm"):
        copied = copy(images["plain"][0].folder, tmp_path / DAMAGED)
        for path in files_of(copied, (name,)):
            harm_file(path, harm, random)
        verdict = judge(copied)
        assert verdict.state is not None or WAY_BACK.search(verdict.refusal), verdict.refusal


@pytest.mark.parametrize(
    ("missing", "outcome"),
    [
        (("journal.db-wal",), "prefix"),
        (("journal.db-wal", "journal.db-shm"), "prefix"),
        (("journal.db-shm",), "equal"),
        (("journal.db", "journal.db-wal"), "refused"),
        (("journal.db",), "refused"),
        (("witness",), "refused"),
        (("journal.db", "journal.db-wal", "witness"), "refused"),
        (("users.db", "users.db-wal"), "refused"),
        (("history.db", "history.db-wal"), "equal"),
        (("lock.db",), "equal"),
        (("snapshots",), "equal"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("form", FORMS)
def test_missing_files(images: Images, tmp_path: Path, form: str, missing: tuple[str, ...], outcome: str) -> None:
    killed, *_ = images[form]
    copied = copy(killed.folder, tmp_path / DAMAGED)
    for name in missing:
        path = copied / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    assert check(killed, copied, f"without {missing}") == outcome


@pytest.mark.parametrize("form", FORMS)
def test_files_of_another_time(images: Images, tmp_path: Path, form: str) -> None:
    """Part of a folder was put back from an older copy, or all of it but the users."""
    killed, _, halfway = images[form]
    outcomes = []
    for old in (["journal.db", "journal.db-wal", "journal.db-shm"], ["journal.db"], ["journal.db-wal"], ["witness"]):
        copied = copy(killed.folder, tmp_path / DAMAGED)
        for name in old:
            shutil.copy(halfway / name, copied / name)
        outcomes.append(check(killed, copied, f"old {old}"))
    assert outcomes[0] == "prefix"
    assert outcomes[3] == "equal", "a journal that is longer than its witness, and whole, is what there is"


def test_a_start_says_what_is_lost_and_how_to_go_on(
    images: Images, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    killed, *_ = images["plain"]
    data_dir = copy(killed.folder, tmp_path / DAMAGED)
    (data_dir / "journal.db-wal").unlink()
    node = NodeProcess(data_dir)
    node.spawn()
    assert node.ended() == ExitCode.REFUSED
    said = SHORTER.search(capfd.readouterr().err)
    assert said is not None
    node.flags = ("--accept-journal",)
    with node:
        assert node.rest().login("ann", PASSWORD).username == "ann"
        assert node.stop() == 0
    assert not [finding for finding in verify(data_dir) if not finding.ok]
    assert judge(data_dir).state != killed.state, "what was lost is lost"
