"""A paced clock on a node's event loop."""

import logging

import pytest

from cryptex.node.clock import ManualClock
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.live.pacer import CALLS_A_TURN_MAX, STALL_NS_MAX, TURN_NS_MIN, Pacer
from cryptex.sim.paced_clock import PacedClock


def paced(wall: ManualClock) -> tuple[PacedClock, Pacer]:
    """Return a clock that stands, and what keeps it going."""
    clock = PacedClock(wall.now_ns)
    clock.pause()
    return clock, Pacer(clock, wall)


def ring_every_second(clock: PacedClock, seen: list[int]) -> None:
    """Set calls without end."""

    def ring(_: None) -> None:
        seen.append(clock.now() // NANOSECONDS_PER_SECOND)
        clock.call_at(clock.now() + NANOSECONDS_PER_SECOND, ring, None)

    clock.call_at(0, ring, None)


def test_time_goes_with_the_wall_from_where_it_stood() -> None:
    wall, seen = ManualClock(), []
    clock, pacer = paced(wall)
    ring_every_second(clock, seen)
    clock.run_until(3 * NANOSECONDS_PER_SECOND)
    assert seen == [0, 1, 2, 3]
    pacer.start()
    for _ in range(3):
        wall.advance(1)
    assert seen == [0, 1, 2, 3, 4, 5, 6]
    pacer.stop()
    wall.advance(1)
    assert seen == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("jump_s", [STALL_NS_MAX / 1e9 + 3600, -3600])
def test_a_stall_is_not_made_up_for(jump_s: float) -> None:
    wall, seen = ManualClock(), []
    clock, pacer = paced(wall)
    ring_every_second(clock, seen)
    pacer.start()
    wall.advance(1)
    wall.advance(jump_s)
    for _ in range(10):
        wall.advance(0.5)
    assert seen[:2] == [0, 1]
    assert len(seen) <= 8


def test_the_node_has_its_turn_between_many_calls() -> None:
    wall, seen = ManualClock(), []
    clock, pacer = paced(wall)
    for number in range(3 * CALLS_A_TURN_MAX):
        clock.call_at(0, seen.append, number)
    pacer.start()
    assert len(seen) == CALLS_A_TURN_MAX
    wall.advance(0)
    assert len(seen) == 3 * CALLS_A_TURN_MAX


def test_what_falls_due_within_a_turn_is_done_together() -> None:
    wall, seen = ManualClock(), []
    clock, pacer = paced(wall)
    for number in range(4):
        clock.call_at(number * TURN_NS_MIN // 2 + 1, seen.append, number)
    pacer.start()
    wall.advance(TURN_NS_MIN * 0.75 / NANOSECONDS_PER_SECOND)
    assert seen == []
    wall.advance(TURN_NS_MIN * 0.25 / NANOSECONDS_PER_SECOND)
    assert seen == [0, 1]


def test_a_fault_is_logged_and_stops_it(caplog: pytest.LogCaptureFixture) -> None:
    wall = ManualClock()
    clock, pacer = paced(wall)
    clock.call_at(1, lambda _: 1 / 0, None)
    pacer.start()
    with caplog.at_level(logging.ERROR):
        wall.advance(1)
    assert not pacer.running
    assert "the node goes on without them" in caplog.text
