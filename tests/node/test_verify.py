"""Verifying and rebuilding a data folder: all is well in a good one, and each kind of damage is found and named."""

import shutil
import sqlite3
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Table

from cryptex.engine import ledger as ledger_module
from cryptex.engine.book import BookSide
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.ledger import Ledger
from cryptex.engine.order import WorkingOrder
from cryptex.node.findings import Finding
from cryptex.node.follower import Follower
from cryptex.node.rebuild import rebuild
from cryptex.node.verify import verify
from cryptex.protocol.commands import DefineMarket, RequestWithdrawal
from cryptex.protocol.events import Posting
from cryptex.protocol.terms import FEE_ACCOUNT, Side
from cryptex.store.database import FolderInUse, FolderLock
from cryptex.store.projector import Projector
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.tables import HistoryTable
from cryptex.store.users import Users
from cryptex.store.witness import Mark, Witness, read_mark
from tests.node.house import MARKET, limit
from tests.node.test_follower import Scene

TRADES = 30
RESTING_BUY_TICKS = 900


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with trades, open orders, history a bit behind, and a snapshot."""
    folder = tmp_path_factory.mktemp("verify") / "data"
    scene = Scene(folder)
    scene.log.trade(TRADES)
    scene.log.do(limit(1, Side.BUY, RESTING_BUY_TICKS), limit(1, Side.SELL, 1100, post_only=True))
    scene.log.do(RequestWithdrawal(1, "BTC", 10**6, "an address"))
    projector = Projector(folder)
    follower = Follower(folder, projector)
    for _ in follower.advance(scene.sequence):
        pass
    follower.save_snapshot()
    follower.close()
    projector.close()
    scene.log.trade(1)
    users = Users.open(folder, lambda: 1)
    users.reserve_ids(scene.log.state.exchange.accounts())
    users.close()
    scene.journal.close()
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(good, tmp_path / "data"))


def _broken(folder: Path) -> dict[str, Finding]:
    return {each.check: each for each in verify(folder) if not each.ok}


def _execute(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def history_tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(folder / "history.db")
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    tables = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    connection.close()
    return tables


def test_a_good_folder_is_found_good_and_left_as_it_is(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and "-" not in path.name}
    seen: list[tuple[int, int]] = []
    findings = verify(folder, lambda at, end: seen.append((at, end)))
    assert [each for each in findings if not each.ok] == []
    assert {each.check for each in findings} == {
        *("chain", "witness", "replay", "rules", "zero sums", "balances"),
        *("holds", "fees", "snapshots", "users", "history", "live", "audit"),
    }
    assert seen[-1][0] == seen[-1][1]
    assert before == {name: (folder / name).read_bytes() for name in before}


OF_LAST_TRADE = "SELECT MAX(sequence) FROM trades"
OF_CURSOR = "SELECT cursor FROM meta"
OF_ORDER = "SELECT sequence FROM orders WHERE order_id = "
HISTORY_DAMAGE = [
    (
        "UPDATE trades SET price_ticks = price_ticks + 1 WHERE trade_id = 7",
        "SELECT sequence FROM trades WHERE trade_id = 7",
    ),
    ("UPDATE fills SET fee_units = 0 WHERE fill_id = 9", "SELECT sequence FROM fills WHERE fill_id = 9"),
    ("DELETE FROM entries WHERE entry_id = 11", "SELECT sequence FROM entries WHERE entry_id = 11"),
    (
        "UPDATE postings SET held_change = held_change + 1 WHERE entry_id = 9 AND line = 0",
        "SELECT sequence FROM entries WHERE entry_id = 9",
    ),
    ("UPDATE postings SET available = 0 WHERE entry_id = 12", "SELECT sequence FROM entries WHERE entry_id = 12"),
    ("DELETE FROM postings WHERE entry_id = 13 AND line = 1", "SELECT sequence FROM entries WHERE entry_id = 13"),
    ("DELETE FROM orders WHERE order_id = 3", f"{OF_ORDER} 3"),
    ("UPDATE orders SET fee_units = '0' WHERE order_id = 5", f"{OF_ORDER} 5"),
    ("UPDATE orders SET status = 'open' WHERE order_id = 6", f"{OF_ORDER} 6"),
    (
        "UPDATE orders SET remaining_lots = remaining_lots - 1 WHERE status = 'open'",
        "SELECT MIN(sequence) FROM orders WHERE status = 'open'",
    ),
    ("UPDATE candles SET high_ticks = high_ticks + 1 WHERE interval = '1m'", OF_LAST_TRADE),
    ("DELETE FROM candles WHERE interval = '1w'", OF_LAST_TRADE),
    (
        "INSERT INTO candles SELECT market, interval, 0, market_id, 1, 1, 1, 1, '1', '1', 1 FROM candles LIMIT 1",
        OF_CURSOR,
    ),
    ("UPDATE books SET bids = '[]'", OF_CURSOR),
    ("INSERT INTO trades SELECT 999999, 1, market, 1, 1, side, 1, 1 FROM trades LIMIT 1", OF_CURSOR),
    ("UPDATE meta SET cursor = 999999", f"SELECT ({OF_CURSOR}) + 1"),
]


@pytest.mark.parametrize(("statement", "place"), HISTORY_DAMAGE)
def test_history_that_is_not_the_journals_is_found_at_its_first_place_and_rebuilt(
    statement: str, place: str, folder: Path
) -> None:
    with sqlite3.connect(folder / "history.db") as connection:
        (expected,) = connection.execute(place).fetchone()
    connection.close()
    _execute(folder / "history.db", statement)
    broken = _broken(folder)
    assert set(broken) == {"history"}
    assert broken["history"].sequence == expected
    rebuild(folder)
    assert _broken(folder) == {}


def change_column(path: Path, table: Table, column: str) -> None:
    """Change one column of one row, to another value of its type."""
    keys = [each.name for each in table.primary_key]
    with sqlite3.connect(path) as connection:
        row = connection.execute(f"SELECT {column}, {', '.join(keys)} FROM {table.name}").fetchone()
        assert row is not None, f"{table.name} has no row here, so that nothing can be changed"
        old = row[0] if row[0] is not None else table.columns[column].type.python_type()
        new = old + 10**6 if isinstance(old, int) else old + type(old)(b"x") if isinstance(old, bytes) else f"{old}x"
        where = " AND ".join(f"{key} = ?" for key in keys)
        connection.execute(f"UPDATE {table.name} SET {column} = ? WHERE {where}", (new, *row[1:]))
    connection.close()


@pytest.mark.parametrize("table", HistoryTable.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_change_in_any_column_of_history_is_found(table: Table, folder: Path) -> None:
    history = folder / "history.db"
    whole = history.read_bytes()
    for column in [each.name for each in table.columns]:
        change_column(history, table, column)
        assert set(_broken(folder)) == {"history"}, f"{table.name}.{column}"
        history.write_bytes(whole)


def test_candles_of_older_steps_are_compared_until_others_take_their_places(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "data")
    scene.log.trade(1)
    market = scene.log.state.exchange.definition(MARKET)
    text = (market.base.symbol, market.quote.symbol, "0.1", "0.001", "1", "0", "0")
    scene.log.do(DefineMarket(*text))
    follower = Follower(scene.folder, Projector(scene.folder))
    history = scene.folder / "history.db"
    for trades in range(2):
        scene.log.trade(trades)
        assert list(follower.advance(scene.sequence))
        assert set(_broken(scene.folder)) == {"users"}, "there are none"
        _execute(history, "UPDATE candles SET trades = trades + 1")
        assert set(_broken(scene.folder)) == {"users", "history"}
        _execute(history, "UPDATE candles SET trades = trades - 1")
    follower.close()
    scene.journal.close()


def test_a_rebuilt_history_is_equal_to_the_old_one(folder: Path) -> None:
    follower = Follower(folder, Projector(folder))
    for _ in follower.advance(rebuild_end(folder)):
        pass
    follower.close()
    before = history_tables(folder)
    assert rebuild(folder) == rebuild_end(folder)
    assert history_tables(folder) == before
    assert not list(folder.glob("*.new*"))


def rebuild_end(folder: Path) -> int:
    """Return the journal's last sequence."""
    connection = sqlite3.connect(folder / "journal.db")
    end: int = connection.execute("SELECT MAX(first_sequence + command_count - 1) FROM batches").fetchone()[0]
    connection.close()
    return end


def test_rebuilding_needs_the_folder_for_itself(folder: Path) -> None:
    before = history_tables(folder)
    with FolderLock(folder), pytest.raises(FolderInUse):
        rebuild(folder)
    assert history_tables(folder) == before
    with pytest.raises(FileNotFoundError):
        rebuild(folder / "none")


def test_a_changed_batch_is_named(folder: Path) -> None:
    with sqlite3.connect(folder / "journal.db") as connection:
        (first,) = connection.execute("SELECT first_sequence FROM batches LIMIT 1 OFFSET 10").fetchone()
    connection.close()
    changed = "UPDATE batches SET commands = CAST(commands || x'00' AS BLOB)"
    _execute(folder / "journal.db", f"{changed} WHERE first_sequence = {first}")
    broken = _broken(folder)
    assert (broken["chain"].sequence, set(broken)) == (first, {"chain"})
    assert "hash does not match" in broken["chain"].detail


def test_a_journal_that_lost_its_end_is_found(folder: Path) -> None:
    _execute(
        folder / "journal.db", "DELETE FROM batches WHERE first_sequence = (SELECT MAX(first_sequence) FROM batches)"
    )
    broken = _broken(folder)
    assert set(broken) == {"witness"}
    assert broken["witness"].sequence == rebuild_end(folder) + 1


@pytest.mark.parametrize("damage", ["missing", "torn"])
def test_a_witness_that_says_nothing_is_found(damage: str, folder: Path) -> None:
    if damage == "missing":
        (folder / "witness").unlink()
    else:
        (folder / "witness").write_bytes(b"x" * 8192)
    assert set(_broken(folder)) == {"witness"}


def test_snapshots_are_held_against_the_replay(folder: Path) -> None:
    store = SnapshotStore(folder)
    (at,) = store.sequences()
    snapshot = store.at(at)
    assert snapshot is not None
    store.save(msgspec.structs.replace(snapshot, state_hash="0" * 64))
    assert _broken(folder)["snapshots"].sequence == at
    store.save(msgspec.structs.replace(snapshot, chain_hash=bytes(32)))
    assert "another journal" in _broken(folder)["snapshots"].detail
    (path,) = (folder / "snapshots").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged" in _broken(folder)["snapshots"].detail


def test_an_account_without_a_user_is_found(folder: Path) -> None:
    (folder / "users.db").unlink()
    assert set(_broken(folder)) == {"users"}


def test_a_user_without_an_account_is_found(folder: Path) -> None:
    users = Users.open(folder, lambda: 1)
    users.reserve_ids([99])
    users.close()
    assert "1 users have no account in the journal (ids 99)" in _broken(folder)["users"].detail


WRONG_TRADE = 5


def _of_wrong_trade(folder: Path) -> int:
    with sqlite3.connect(folder / "history.db") as connection:
        (sequence,) = connection.execute("SELECT sequence FROM trades WHERE trade_id = ?", (WRONG_TRADE,)).fetchone()
    connection.close()
    return int(sequence)


def test_fees_that_are_not_those_of_the_fills_are_found_where_it_begins(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Ledger.settle

    def settle(self: Ledger, trade_id: int, *more: object) -> None:
        *others, base_fee, quote_fee = more
        right(self, trade_id, *others, base_fee, quote_fee - (trade_id == WRONG_TRADE))  # type: ignore[arg-type, operator]  # as given

    monkeypatch.setattr(Ledger, "settle", settle)
    assert _broken(folder)["fees"].sequence == _of_wrong_trade(folder)


@pytest.mark.parametrize(
    ("wrong", "checks"), [("available_change", {"zero sums", "balances"}), ("available", {"balances"})]
)
def test_entries_that_do_not_add_up_are_found_where_it_begins(
    wrong: str, checks: set[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = ledger_module._posted

    def posted(entry_id: int, trade_id: int, *more: object) -> Posting:
        posting = right(entry_id, trade_id, *more)  # type: ignore[arg-type]  # as given
        is_wrong = trade_id == WRONG_TRADE and posting.account_id == FEE_ACCOUNT
        return msgspec.structs.replace(posting, **{wrong: getattr(posting, wrong) + 1}) if is_wrong else posting

    monkeypatch.setattr(ledger_module, "_posted", posted)
    broken = _broken(folder)
    assert checks <= broken.keys()
    assert {broken[check].sequence for check in checks} == {_of_wrong_trade(folder)}


def test_holds_that_no_order_needs_are_found_where_they_begin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, orders = Ledger.hold, []

    def hold(self: Ledger, order: WorkingOrder, units: int) -> None:
        is_resting_buy = order.price_ticks == RESTING_BUY_TICKS
        right(self, order, units + is_resting_buy)
        if is_resting_buy:
            orders.append(self.step.sequence)

    monkeypatch.setattr(Ledger, "hold", hold)
    broken = _broken(folder)
    assert broken["holds"].sequence == orders[0]
    assert "held, open orders and withdrawals need" in broken["holds"].detail


def test_rules_that_the_state_breaks_are_found_where_it_begins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, places = BookSide.add, []

    def add(self: BookSide, order: WorkingOrder) -> None:
        right(self, order)
        if order.price_ticks == RESTING_BUY_TICKS and order.level is not None:
            order.level.size_lots += 1
            places.append(order.sequence)

    monkeypatch.setattr(BookSide, "add", add)
    broken = _broken(folder)
    assert broken["rules"].sequence == places[0]
    assert "a level's size is not its orders'" in broken["rules"].detail


def test_a_command_that_breaks_the_exchange_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Ledger.settle

    def settle(self: Ledger, trade_id: int, *more: object) -> None:
        if trade_id == WRONG_TRADE:
            raise InvariantBroken("the books do not add up")
        right(self, trade_id, *more)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(Ledger, "settle", settle)
    broken = _broken(folder)
    assert (broken["replay"].sequence, broken["replay"].ok) == (_of_wrong_trade(folder), False)


def test_a_witness_of_another_batch_is_found_at_its_sequence(folder: Path) -> None:
    mark = read_mark(folder / "witness")
    (folder / "witness").unlink()
    Witness.create(folder / "witness", Mark(mark.sequence, bytes(32))).close()
    broken = _broken(folder)
    assert set(broken) == {"witness"}
    assert broken["witness"].sequence == mark.sequence


def test_a_folder_without_a_journal_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify(tmp_path)
    assert list(tmp_path.iterdir()) == []
