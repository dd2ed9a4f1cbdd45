import asyncio

from cryptex.node.in_flight import InFlight


async def test_room_is_waited_for_and_quiet_too() -> None:
    in_flight = InFlight(2)
    await in_flight.room()
    await in_flight.quiet()
    in_flight.enter()
    in_flight.enter()
    assert in_flight.full
    room, quiet = asyncio.ensure_future(in_flight.room()), asyncio.ensure_future(in_flight.quiet())
    await asyncio.sleep(0)
    assert not room.done()
    in_flight.leave()
    await room
    await asyncio.sleep(0)
    assert not quiet.done()
    in_flight.leave()
    await quiet
