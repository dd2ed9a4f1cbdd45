import pytest

from cryptex.node.throttle import KEYS_MAX, TokenBuckets

SECOND = 1_000_000_000


def test_a_burst_passes_and_then_the_rate_counts() -> None:
    buckets = TokenBuckets[int](rate=2, burst=3)
    assert [buckets.take(1, 0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take(1, 0) == pytest.approx(0.5)
    assert buckets.take(1, SECOND // 2) == 0.0
    assert buckets.take(1, SECOND // 2) == pytest.approx(0.5)


def test_keys_do_not_share_a_bucket() -> None:
    buckets = TokenBuckets[str](rate=1, burst=1)
    assert buckets.take("a", 0) == 0.0
    assert buckets.take("b", 0) == 0.0
    assert buckets.take("a", 0) > 0.0


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    buckets = TokenBuckets[int](rate=1, burst=2)
    buckets.take(1, 0)
    assert [buckets.take(1, 100 * SECOND) for _ in range(2)] == [0.0, 0.0]
    assert buckets.take(1, 100 * SECOND) > 0.0


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    buckets = TokenBuckets[int](rate=1, burst=1)
    assert buckets.take(1, 5 * SECOND) == 0.0
    assert buckets.take(1, 4 * SECOND) == pytest.approx(1.0)


def test_a_rate_of_zero_lets_all_pass() -> None:
    buckets = TokenBuckets[int](rate=0, burst=0)
    assert all(buckets.take(1, 0) == 0.0 for _ in range(100))


def test_the_number_of_buckets_is_bounded() -> None:
    buckets = TokenBuckets[int](rate=1, burst=1)
    for key in range(KEYS_MAX + 10):
        buckets.take(key, 0)
    assert len(buckets._buckets) == KEYS_MAX


def test_more_tokens_are_taken_for_what_costs_more() -> None:
    buckets = TokenBuckets[int](rate=2, burst=10)
    assert buckets.take(1, 0) == 0.0
    assert buckets.take_more(1, 0, 0) == 0.0
    assert buckets.take_more(1, 0, 6) == 0.0
    assert buckets.take_more(1, 0, 6) == pytest.approx(1.5)
    assert buckets.take_more(1, 2 * SECOND, 6) == 0.0
    assert buckets.take_more(2, 0, 1000) == 0.0, "a full bucket is enough for the heaviest"
    assert TokenBuckets[int](rate=0, burst=0).take_more(1, 0, 1000) == 0.0
