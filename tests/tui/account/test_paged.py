"""Lists that are read page by page and kept current live."""

from typing import NamedTuple

from cryptex.tui.account.paged import RETRY_AFTER_S, Paged


class Row(NamedTuple):
    number: int
    version: int = 1


def paged(rows_max: int = 100) -> Paged[Row]:
    return Paged(lambda row: row.number, lambda new, old: new.version > old.version, rows_max, lambda: None)


def rows(*numbers: int) -> list[Row]:
    return [Row(number) for number in numbers]


def numbers(made: Paged[Row]) -> list[int]:
    return [row.number for row in made.rows]


def read(made: Paged[Row], page: list[Row], following: int | None) -> None:
    before = made.ask()
    made.take(page, before, following)


def test_the_first_page_is_wanted_and_older_ones_when_they_are_asked_for() -> None:
    made = paged()
    assert made.wants_page(0, more=False)
    assert made.ask() is None
    assert not made.wants_page(0, more=True), "one page at a time"
    made.take(rows(9, 8, 7), None, 7)
    assert not made.wants_page(0, more=False)
    assert made.wants_page(0, more=True)
    assert made.ask() == 7
    made.take(rows(6, 5), 7, None)
    assert numbers(made) == [9, 8, 7, 6, 5]
    assert not made.has_more
    assert not made.wants_page(0, more=True)


def test_what_comes_live_is_merged_and_the_later_one_wins() -> None:
    made = paged()
    made.merge(rows(10))
    read(made, [Row(10, 2), Row(9)], None)
    made.merge([Row(9, 3), Row(11), Row(10, 1)])
    assert list(made.rows) == [Row(11), Row(10, 2), Row(9, 3)]


def test_an_outdated_list_reads_its_newest_page_again_and_keeps_what_it_reaches() -> None:
    made = paged()
    read(made, rows(9, 8), 8)
    made.outdated = True
    assert made.wants_page(0, more=False)
    read(made, rows(11, 10, 9), 9)
    assert numbers(made) == [11, 10, 9, 8]
    assert made.ask() == 8, "the older page is where it was"


def test_a_newest_page_that_leaves_a_gap_takes_the_place_of_all() -> None:
    made = paged()
    read(made, rows(3, 2, 1), None)
    made.outdated = True
    read(made, rows(99, 98), 98)
    assert numbers(made) == [99, 98]
    assert made.ask() == 98


def test_what_came_live_before_the_newest_page_does_not_hide_a_gap() -> None:
    made = paged()
    read(made, rows(3, 2, 1), None)
    made.lose()
    made.merge(rows(99, 98, 97))
    read(made, rows(99, 98), 98)
    made.merge(rows(100))
    assert numbers(made) == [100, 99, 98]
    assert made.has_more
    assert made.ask() == 98


def test_a_page_that_reaches_what_was_there_before_leaves_no_gap() -> None:
    made = paged()
    read(made, rows(3, 2, 1), None)
    made.lose()
    made.merge(rows(5))
    read(made, rows(5, 4, 3), 3)
    assert numbers(made) == [5, 4, 3, 2, 1]
    assert not made.has_more


def test_rows_that_are_newer_than_a_page_stay_when_it_leaves_a_gap() -> None:
    made = paged()
    read(made, rows(3, 2, 1), None)
    made.lose()
    before = made.ask()
    made.merge(rows(99, 100))
    made.take(rows(99, 98), before, 98)
    assert numbers(made) == [100, 99, 98]


def test_a_second_loss_while_the_page_is_under_way_is_seen_too() -> None:
    made = paged()
    before = made.ask()
    made.lose()
    made.take(rows(3, 2), before, 2)
    assert made.wants_page(0, more=False), "it was lost before the answer came"
    made.merge(rows(99))
    read(made, rows(99, 98), 98)
    assert numbers(made) == [99, 98]


def test_an_account_that_had_nothing_is_lost_too() -> None:
    made = paged()
    read(made, [], None)
    made.lose()
    made.merge(rows(99, 98))
    read(made, rows(99, 98), 98)
    assert made.has_more


def test_an_error_waits_before_the_next_attempt_unless_it_is_asked_for() -> None:
    made = paged()
    made.ask()
    made.fail("no answer", 10)
    assert made.error == "no answer"
    assert not made.wants_page(10 + RETRY_AFTER_S - 0.1, more=True)
    assert made.wants_page(10 + RETRY_AFTER_S, more=True)
    made.retry()
    assert made.wants_page(10, more=True)
    read(made, rows(1), None)
    assert made.error == ""


def test_it_is_bounded_and_says_so() -> None:
    made = paged(rows_max=4)
    read(made, rows(9, 8, 7, 6), 6)
    assert made.is_full
    assert not made.wants_page(0, more=True)
    for number in range(10, 20):
        made.merge(rows(number))
    assert len(made.rows) <= 8
    assert made.rows[0] == Row(19)
    assert made.is_full
