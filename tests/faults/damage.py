"""Ways to damage a data folder, and what a start makes of it."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import RULES_VERSION, state_hash
from cryptex.node import startup
from cryptex.node.clock import ManualClock
from cryptex.node.replay import replay_batch
from cryptex.node.start_words import REFUSALS
from cryptex.store.database import DataFolder, open_sqlite
from cryptex.store.driver import HAS_CIPHER
from cryptex.store.journal import JournalReader, SqliteJournal
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.users import Users
from cryptex.store.vault import new_header, write_header
from tests.node.edge import edge, limit

PAGE_BYTES = 4096
ORDERS = 120
WAY_BACK = re.compile(r"restore|--repair|--accept-journal|from a backup|put it back")
SHORTER = re.compile(r"ends at sequence (\d+), but (\d+) was acknowledged")
FORMS = ["plain", "encrypted"] if HAS_CIPHER else ["plain"]

Rows = list[tuple[object, ...]]


class State(NamedTuple):
    """What a start knows: the engine's state, and what is in the users store."""

    engine: str
    users: Rows


class Verdict(NamedTuple):
    """What a start came to: a state, or why it was refused."""

    state: State | None
    refusal: str


class Image(NamedTuple):
    """A folder as a node left it, and what it then knew."""

    folder: Path
    state: State
    prefixes: dict[int, str]
    """The engine's state after each batch, by its last sequence."""


def encrypt(folder: Path) -> None:
    """Make a new folder one whose files are encrypted."""
    folder.mkdir(parents=True, mode=0o700)
    header, _ = new_header(folder, "file", folder.parent / f"{folder.name}.key", None)
    write_header(folder, header)


async def make_images(root: Path, form: str) -> tuple[Image, Image, Path]:
    """Let a node trade. Return it as a kill leaves it and as a stop does, and its folder halfway through."""
    live, halfway, killed = root / "live", root / "halfway", root / "killed"
    if form == "encrypted":
        encrypt(live)
    async with edge(live) as node:
        users = [await node.user(name, BTC="10") for name in ("ann", "bob", "cat")]
        for number in range(ORDERS):
            if number == ORDERS // 2:
                node.core.journal.checkpoint()
                shutil.copytree(live, halfway)
            _, token = users[number % 3]
            side, price = ("buy", 50_000) if number % 2 else ("sell", 49_990)
            order = limit("BTC-USDT", side, "0.01", str(price + number % 7), client_order_id=f"key{number}")
            await node.post("/orders", order, token)
        await node.get("/fills", users[0][1])  # history is there
        node.core.users.checkpoint()  # as the node does by itself every two seconds
        shutil.copytree(live, killed)
    return _image(killed), _image(live), halfway


def _image(folder: Path) -> Image:
    """Return an image; a copy is looked at, because looking changes it."""
    looked_at = copy(folder, folder.with_name(f"{folder.name}-looked-at"))
    verdict = judge(looked_at)
    assert verdict.state is not None, verdict.refusal
    return Image(folder, verdict.state, _prefixes(looked_at))


def _prefixes(folder: Path) -> dict[int, str]:
    exchange, prefixes = Exchange(), {0: state_hash(Exchange())}
    reader = JournalReader.open(folder)
    for batch in reader.replay(0):
        for _ in replay_batch(exchange, batch, frozenset()):
            pass
        exchange.take_closed()
        prefixes[batch.last_sequence] = state_hash(exchange)
    reader.close()
    return prefixes


def copy(folder: Path, to: Path) -> Path:
    """Return a fresh copy of a folder."""
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(folder, to))


def judge(folder: Path, *, accept_journal: bool = False) -> Verdict:
    """Do what a start does up to its first command, and say what came of it. Raises what a start does not expect."""
    try:
        journal = SqliteJournal.open(folder, rules_version=RULES_VERSION, accept_journal=accept_journal)
        try:
            users = Users.open(folder, lambda: 1)
            try:
                exchange = startup.recover(journal, SnapshotStore(folder), ManualClock()).exchange
                startup.check_strays(exchange, users, repair=False)
                startup.settle_registrations(exchange, users)
                startup.check_users(exchange, users, repair=False)
            finally:
                users.close()
        finally:
            journal.close()
        return Verdict(State(state_hash(exchange), _users(folder)), "")
    except REFUSALS as error:
        return Verdict(None, str(error))


def _users(folder: Path) -> Rows:
    """Return all rows of the users store."""
    connection = open_sqlite(DataFolder(folder).users, read_only=True)
    try:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        return [(name, *row) for (name,) in tables for row in connection.execute(f"SELECT * FROM {name}")]
    finally:
        connection.close()


def check(image: Image, folder: Path, what: str) -> str:
    """Hold what a start makes of a damaged copy against its image. Return what it was: equal, prefix or refused.

    Raises AssertionError that names the damage.
    """
    verdict = judge(folder)
    if verdict.state is not None:
        assert verdict.state.engine == image.state.engine, f"{what}: another state, without a word"
        assert verdict.state.users == image.state.users, f"{what}: other users, without a word"
        return "equal"
    assert WAY_BACK.search(verdict.refusal), f"{what}: no way back in {verdict.refusal!r}"
    shorter = SHORTER.search(verdict.refusal)
    if shorter is None:
        return "refused"
    left, acknowledged = map(int, shorter.groups())
    assert left < acknowledged == max(image.prefixes), f"{what}: {verdict.refusal}"
    taken = judge(folder, accept_journal=True)
    if taken.state is None:  # nobody's word helps where the users are ahead of it, or more is damaged
        assert WAY_BACK.search(taken.refusal), f"{what}: no way back in {taken.refusal!r}"
        return "refused"
    assert taken.state.engine == image.prefixes[left], f"{what}: {left} commands are left, and are not the first ones"
    return "prefix"


Harm = Callable[[bytearray, Random], None]
"""What is done to the bytes of a file."""


def flip(data: bytearray, random: Random) -> None:
    """Flip one bit."""
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def zero_page(data: bytearray, random: Random) -> None:
    """Lose a page."""
    start = random.randrange(-(-len(data) // PAGE_BYTES)) * PAGE_BYTES
    end = min(start + PAGE_BYTES, len(data))
    data[start:end] = bytes(end - start)


def tear_page(data: bytearray, random: Random) -> None:
    """Lose the second part of a page, as a write leaves it that was cut short."""
    start = random.randrange(-(-len(data) // PAGE_BYTES)) * PAGE_BYTES
    torn = min(start + 512 * random.randint(1, 7), len(data))
    end = min(start + PAGE_BYTES, len(data))
    data[torn:end] = bytes(end - torn)


def cut(data: bytearray, random: Random) -> None:
    """Lose the end of the file."""
    del data[random.randrange(len(data)) :]


def scramble(data: bytearray, random: Random) -> None:
    """Put chance in place of a page."""
    start = random.randrange(len(data))
    end = min(start + PAGE_BYTES, len(data))
    data[start:end] = random.randbytes(end - start)


HARMS: tuple[Harm, ...] = (flip, zero_page, tear_page, cut, scramble)


def harm_file(path: Path, harm: Harm, random: Random) -> None:
    """Damage a file."""
    data = bytearray(path.read_bytes())
    harm(data, random)
    path.write_bytes(data)


def files_of(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files of these names (or patterns) that have something in them."""
    for name in names:
        yield from (path for path in sorted(folder.glob(name)) if path.stat().st_size)
