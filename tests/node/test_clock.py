"""Clocks call back when they should, and time may be moved."""

import asyncio
import time

from cryptex.node.clock import ManualClock, SystemClock


async def test_the_system_clock_tells_the_time_and_calls_what_is_overdue_at_once() -> None:
    clock, called = SystemClock(), asyncio.Event()
    assert abs(clock.now_ns() - time.time_ns()) < 10**10
    clock.call_at(clock.now_ns() - 1, called.set)
    await called.wait()


def test_the_manual_clock_calls_in_order_of_time_and_forgets_what_was_canceled() -> None:
    clock, calls = ManualClock(100), list[str]()
    clock.call_at(300, lambda: calls.append("late"))
    clock.call_at(200, lambda: calls.append("early"))
    clock.call_at(200, lambda: calls.append("never")).cancel()
    clock.set(199)
    assert calls == []
    clock.set(300)
    assert calls == ["early", "late"]
    clock.set(50)
    assert clock.now_ns() == 50
    clock.advance(1.5)
    assert clock.now_ns() == 50 + 1_500_000_000
