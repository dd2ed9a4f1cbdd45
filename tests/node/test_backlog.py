"""The buffer of updates: what it gives, what it forgets, and that it is bounded."""

from hypothesis import given
from hypothesis import strategies as st

from cryptex.node.backlog import BACKLOG_BYTES_MAX, UPDATES_KEPT_MAX, Backlog, Budget


def filled(start: int, sequences: range, budget: Budget | None = None) -> Backlog:
    backlog = Backlog(start, budget or Budget())
    for sequence in sequences:
        backlog.add(sequence, str(sequence))
    return backlog


def test_it_gives_what_follows_a_message_of_the_chain() -> None:
    backlog = filled(10, range(12, 20, 2))
    assert backlog.after(10) == ["12", "14", "16", "18"]
    assert backlog.after(14) == ["16", "18"]
    assert backlog.after(18) == []


def test_what_is_not_of_the_chain_needs_a_snapshot() -> None:
    backlog = filled(10, range(12, 20, 2))
    for sequence in (0, 9, 11, 13, 17, 19, 1_000):
        assert backlog.after(sequence) is None, sequence


def test_a_chain_without_updates_goes_on_from_its_start() -> None:
    backlog = Backlog(10, Budget())
    assert (backlog.after(10), backlog.after(9), backlog.after(11)) == ([], None, None)


def test_it_keeps_the_last_thousand() -> None:
    backlog = filled(0, range(1, UPDATES_KEPT_MAX + 6))
    assert len(backlog) == UPDATES_KEPT_MAX
    assert backlog.after(4) is None
    missed = backlog.after(5)
    assert missed is not None
    assert (len(missed), missed[0]) == (UPDATES_KEPT_MAX, "6")


def test_large_updates_are_bounded_by_their_text() -> None:
    budget = Budget()
    backlog = Backlog(0, budget)
    text = "x" * (BACKLOG_BYTES_MAX // 4)
    for sequence in range(1, 10):
        backlog.add(sequence, text)
    assert len(backlog) == 4
    assert budget.used == BACKLOG_BYTES_MAX
    backlog.add(10, "x" * (BACKLOG_BYTES_MAX + 1))
    assert (len(backlog), budget.used) == (0, 0)
    assert backlog.after(10) == []


def test_all_backlogs_together_are_bounded() -> None:
    budget = Budget(100)
    first, second = Backlog(0, budget), Backlog(0, budget)
    for sequence in range(1, 50):
        first.add(sequence, "x" * 10)
        second.add(sequence, "x" * 10)
        assert budget.used <= 100
    first.clear()
    second.clear()
    assert budget.used == 0


@given(
    gaps=st.lists(st.integers(1, 5), max_size=40),
    at=st.integers(0, 250),
    maximum=st.integers(1, 60),
)
def test_it_never_leaves_a_hole(gaps: list[int], at: int, maximum: int) -> None:
    chain = [7]
    backlog = Backlog(7, Budget(maximum))
    for gap in gaps:
        chain.append(chain[-1] + gap)
        backlog.add(chain[-1], str(chain[-1]))
    missed = backlog.after(at)
    if missed is None:
        assert at not in chain or chain.index(at) < len(chain) - 1 - len(backlog)
    else:
        assert missed == [str(sequence) for sequence in chain if sequence > at]
        assert at in chain
