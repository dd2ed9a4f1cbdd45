"""A session along the wall's clock, with a person in it, leaves a log that replays to the same state."""

from functools import partial

import pytest

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import state_hash
from cryptex.protocol.commands import Command, HaltMarket, ResumeMarket
from cryptex.protocol.events import Event
from cryptex.sim import library
from cryptex.sim.bot import Bot
from cryptex.sim.paced_clock import SPEED_MAX, SPEED_MIN, PacedClock
from cryptex.sim.simulation import Simulation

SECOND = 1_000_000_000
Log = list[tuple[int, Command]]


class Person(Bot):
    """Does nothing of its own accord."""


@pytest.fixture(name="log")
def _log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """What exchanges are asked, with the times that it is stamped with."""
    log: Log = []
    apply = Exchange.apply

    def kept(exchange: Exchange, time_ns: int, command: Command) -> list[Event]:
        log.append((time_ns, command))
        return apply(exchange, time_ns, command)

    monkeypatch.setattr(Exchange, "apply", kept)
    return log


def session() -> Simulation:
    """Return a market that was slow, fast, paused, stepped, halted, and traded in from outside."""
    wall = [0]
    clock = PacedClock(lambda: wall[0], speed=SPEED_MIN)
    scenario = library.load("calm", ["market.auction_duration=2s"], [f"{__file__}:Person"])
    simulation = Simulation(scenario, 5, clock)
    while clock.now() < SECOND:
        wall[0] += SECOND
        clock.advance()
    (person,) = simulation.contexts("person")
    for speed, act in (
        (1.0, partial(person.buy, 5_000)),
        (50.0, partial(person.sell, 2_000, 6_300_000)),
        (SPEED_MAX / 10, partial(simulation.venue.apply, HaltMarket("BTC-USDT", 0))),
        (7.0, partial(simulation.venue.apply, ResumeMarket("BTC-USDT"))),
        (SPEED_MAX, person.cancel_all),
    ):
        clock.speed = speed
        wall[0] += SECOND // 20
        while clock.wait_ns() == 0:
            clock.advance()
        act()
        clock.pause()
        for _ in range(20):
            clock.step()
        clock.step_to(clock.now() + SECOND)
        clock.resume()
    assert 60 * SECOND < clock.now() < 100 * SECOND
    assert person.position > 0
    return simulation


def test_the_log_of_a_live_session_replays_to_the_same_state(log: Log) -> None:
    simulation = session()
    entries = list(log)
    assert len(entries) == simulation.venue.commands > 1_000
    assert {HaltMarket, ResumeMarket} <= {type(command) for _, command in entries}
    replayed = Exchange()
    for time_ns, command in entries:
        replayed.apply(time_ns, command)
    assert state_hash(replayed) == simulation.state_hash
    replayed.check()


def test_the_same_session_is_the_same_log(log: Log) -> None:
    session()
    first = list(log)
    log.clear()
    session()
    assert log == first
