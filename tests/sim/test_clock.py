"""Clocks: the order of calls, and that pace never changes it."""

import pytest

from cryptex.sim import clock as clocks
from cryptex.sim.clock import ARRIVAL, TIMER, WORLD, TooManyCalls, VirtualClock
from cryptex.sim.paced_clock import CALLS_AT_ONCE_MAX, PacedClock


class Wall:
    """A wall clock that goes when it is told to."""

    def __init__(self) -> None:
        self.ns = 5_000

    def __call__(self) -> int:
        return self.ns


def chain(clock: VirtualClock, seen: list[tuple[int, str]]) -> None:
    """Set calls that set more calls, many at equal times."""

    def ring(name: str) -> None:
        seen.append((clock.now(), name))
        if len(seen) < 60:
            clock.call_at(clock.now() + 10 * len(name), ring, f"{name}{len(seen) % 10}"[-4:])

    for name in ("a", "b", "c"):
        clock.call_at(10, ring, name)


def test_calls_go_by_time_then_priority_then_age() -> None:
    clock, seen = VirtualClock(), []
    for name, time_ns, priority in (
        ("timer", 5, TIMER),
        ("arrival", 5, ARRIVAL),
        ("later", 6, WORLD),
        ("world", 5, WORLD),
        ("second timer", 5, TIMER),
    ):
        clock.call_at(time_ns, seen.append, name, priority)
    clock.run_until(5)
    assert seen == ["world", "arrival", "timer", "second timer"]
    assert clock.now() == 5
    assert clock.next_ns() == 6


def test_the_past_is_now() -> None:
    clock, seen = VirtualClock(100), []
    clock.call_at(7, lambda _: seen.append(clock.now()), None)
    assert clock.run_next()
    assert seen == [100]
    assert not clock.run_next()


def test_waiting_calls_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "CALLS_AHEAD_MAX", 2)
    clock = VirtualClock()
    clock.call_at(1, print, None)
    clock.call_at(1, print, None)
    with pytest.raises(TooManyCalls):
        clock.call_at(1, print, None)


def test_pause_step_and_resume_make_the_same_calls_as_a_virtual_clock() -> None:
    virtual, expected = VirtualClock(), []
    chain(virtual, expected)
    virtual.run_until(2_000)

    wall, seen = Wall(), []
    paced = PacedClock(wall, speed=2.0)
    chain(paced, seen)
    paced.advance()
    wall.ns += 9
    paced.advance()
    assert seen == expected[:3]
    assert paced.now() == 18
    paced.pause()
    wall.ns += 1_000_000
    assert paced.advance() == 0
    assert paced.wait_ns() is None
    assert paced.step()
    assert seen == expected[:4]
    paced.step_to(60)
    assert seen == [call for call in expected if call[0] <= 60]
    assert paced.paused
    paced.resume()
    assert paced.now() == 60
    paced.speed = 1000.0
    while paced.now() < 2_000:
        wall.ns += 1
        paced.advance()
    assert seen == expected


def test_speed_is_simulated_time_in_wall_time() -> None:
    wall = Wall()
    paced = PacedClock(wall, speed=0.5)
    paced.call_at(1_000, print, None)
    assert paced.wait_ns() == 2_000
    wall.ns += 500
    paced.advance()
    assert paced.now() == 250
    paced.speed = 10.0
    assert paced.wait_ns() == 75
    with pytest.raises(ValueError, match="speed must be"):
        paced.speed = 0.0


@pytest.mark.parametrize("speed", [0.1, 1.0, 1000.0])
def test_speeds_from_a_tenth_to_a_thousand(speed: float) -> None:
    wall = Wall()
    paced = PacedClock(wall, speed)
    wall.ns += 1_000_000
    paced.advance()
    assert paced.now() == 1_000_000 * speed


@pytest.mark.parametrize("speed", [0.0, 0.09, 1000.1, -1.0, float("nan"), float("inf")])
def test_others_are_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be"):
        PacedClock(Wall(), speed)


def test_a_clock_that_is_behind_gives_others_their_turn_and_does_not_race_after_a_change_of_speed() -> None:
    wall = Wall()
    paced = PacedClock(wall, speed=1000.0)
    for time_ns in range(1, 3 * CALLS_AT_ONCE_MAX):
        paced.call_at(time_ns, lambda _: None, None)
    wall.ns += 1_000
    assert paced.advance() == CALLS_AT_ONCE_MAX
    assert paced.wait_ns() == 0
    paced.speed = 1.0
    assert paced.now() == CALLS_AT_ONCE_MAX
    assert paced.advance() == 0
