"""The scenarios of the house do what they are there for."""

import csv
from pathlib import Path

import pytest

from cryptex.protocol.problems import Refusal
from cryptex.sim import library, tapes
from cryptex.sim.clock import VirtualClock
from cryptex.sim.run import Summary, run
from cryptex.sim.simulation import Simulation

SECOND = 1_000_000_000
LOBSTER = ("market.price=585", 'market.lot_size="1"', 'market.typical_size="100"', "groups.tape.form=lobster")


def run_of(name: str, *settings: str, seed: int = 3, folder: Path | None = None) -> Summary:
    """Run a scenario."""
    return run(library.load(name, settings), seed, folder, lambda _done, _of: None)


def simulation_of(name: str, *settings: str, seed: int = 3) -> Simulation:
    """Return a scenario that has not begun."""
    return Simulation(library.load(name, settings), seed, VirtualClock())


@pytest.mark.parametrize("name", library.names())
def test_each_runs_and_trades(name: str, tmp_path: Path) -> None:
    if name == "gode-sunder":
        pytest.skip("has a test of its own")
    summary = run_of(name, "duration=70s", folder=tmp_path)
    assert summary.trades > 10
    assert (tmp_path / "values.csv").exists() is (name == "smith-zip")


def test_zero_intelligence_with_a_budget_is_nearly_as_good_as_people(tmp_path: Path) -> None:
    sessions = {each.group: each for each in run_of("gode-sunder", folder=tmp_path).sessions}
    assert len(sessions) == 10
    for number in range(1, 6):
        bounded, unbounded = sessions[f"market-{number}-zi-c"], sessions[f"market-{number}-zi-u"]
        assert bounded.periods == unbounded.periods == 5
        assert bounded.efficiency >= 95
        assert bounded.efficiency - unbounded.efficiency >= 8
        assert bounded.shouts_least >= 2_000
        assert bounded.paper_efficiency is not None
        assert unbounded.efficiency == pytest.approx(unbounded.paper_efficiency, abs=3)
    with (tmp_path / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {int(row["period"]) for row in rows} == set(range(1, 51))
    traded = [(row["period"], row["side"], row["price"]) for row in rows if row["price"]]
    for period in ("1", "50"):
        bought, sold = (sorted(p for n, s, p in traded if (n, s) == (period, side)) for side in ("buy", "sell"))
        assert bought == sold != []


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_margins_that_learn_come_closer_to_the_equilibrium(seed: int) -> None:
    (session,) = run_of("smith-zip", seed=seed).sessions
    assert session.alpha_first is not None
    assert session.alpha_last is not None
    assert session.alpha_last < 0.6 * session.alpha_first
    assert session.efficiency > 80


def test_news_is_in_the_price_within_five_minutes() -> None:
    simulation = simulation_of("news-shock", "events=[{at='2m', kind='news', move_bps=-500}]")
    simulation.clock.run_until(119 * SECOND)
    before = simulation.venue.book.mid
    simulation.clock.run_until(420 * SECOND)
    assert simulation.venue.book.mid / (before * 0.95) == pytest.approx(1, abs=0.01)
    simulation.venue.exchange.check()


def test_a_tape_is_played_as_it_is(tmp_path: Path) -> None:
    run_of("replay", "duration=3m", folder=tmp_path)
    with tapes.SAMPLE.open() as wanted, (tmp_path / "trades.csv").open() as played:
        expected = [row for row in csv.DictReader(wanted) if float(row["timestamp"]) <= 180]
        rows = list(csv.DictReader(played))
    columns = ("timestamp", "price", "size", "side")
    assert [[row[name] for name in columns] for row in rows] == [[row[name] for name in columns] for row in expected]


def test_a_lobster_file_is_played_with_its_orders(tmp_path: Path) -> None:
    messages = tmp_path / "messages.csv"
    messages.write_text(
        "34200.000000001,1,7,100,5853300,1\n"
        "34200.5,1,8,50,5854500,-1\n"
        "34201.0,2,7,40,5853300,1\n"
        "34202.0,4,8,20,5854500,-1\n"
        "34202.5,5,0,20,5854500,-1\n"
        "34203.0,4,999,30,5853900,1\n"
        "34204.0,3,8,30,5854500,-1\n"
    )
    simulation = simulation_of(
        "replay",
        *LOBSTER,
        f"groups.tape.file={messages}",
    )
    trades = []
    simulation.clock.run_until(29 * SECOND // 10)
    assert simulation.venue.book.bids(3) == [(58_533, 60)]
    assert simulation.venue.book.asks(3) == [(58_545, 30)]
    trades.append(simulation.venue.exchange.last_price_ticks("BTC-USDT"))
    simulation.clock.run_until(10 * SECOND)
    trades.append(simulation.venue.exchange.last_price_ticks("BTC-USDT"))
    assert trades == [58_545, 58_539]
    assert simulation.venue.trades == 2
    assert simulation.venue.book.asks(3) == []
    assert simulation.venue.book.bids(3) == [(58_533, 60)]


def test_a_lobster_order_that_is_partly_canceled_keeps_its_place(tmp_path: Path) -> None:
    messages = tmp_path / "messages.csv"
    messages.write_text(
        "34200.0,1,7,100,5853300,1\n"
        "34200.5,1,9,50,5853300,1\n"
        "34201.0,2,7,40,5853300,1\n"
        "34202.0,4,7,60,5853300,1\n"
        "34203.0,3,9,50,5853300,1\n"
    )
    simulation = simulation_of("replay", *LOBSTER, f"groups.tape.file={messages}")
    simulation.clock.run_until(25 * SECOND // 10)
    assert simulation.venue.book.bids(3) == [(58_533, 50)]
    simulation.clock.run_until(4 * SECOND)
    assert simulation.venue.book.bids(3) == [], "what was left was the younger order"


@pytest.mark.parametrize("form", ["trades", "lobster"])
def test_a_damaged_tape_is_named(form: str, tmp_path: Path) -> None:
    path = tmp_path / "tape.csv"
    path.write_text("timestamp,price,size,side,trade_id\n0.5,none,1,buy,1\n")
    with pytest.raises(Refusal, match=r"tape.csv, line \d"):
        run_of("replay", f"groups.tape.file={path}", f"groups.tape.form={form}")


def test_large_orders_are_worked_to_their_end() -> None:
    settings = ("groups.twap.start=1m", "groups.vwap.start=1m", "groups.pov.start=1m", "duration=10m")
    sizes = [f"groups.{name}.size=20" for name in ("twap", "vwap", "pov")]
    horizons = [f"groups.{name}.horizon_s=300" for name in ("twap", "vwap")]
    simulation = simulation_of("execution", *settings, *sizes, *horizons)
    simulation.clock.run_until(210 * SECOND)
    (twap,) = simulation.contexts("twap")
    assert 0.3 < twap.position / twap.lots(20) < 0.7
    simulation.clock.run_until(600 * SECOND)
    for name in ("twap", "vwap", "pov"):
        (context,) = simulation.contexts(name)
        assert context.position == context.lots(20), name


def test_agents_come_and_go_with_events(tmp_path: Path) -> None:
    path = tmp_path / "coming.toml"
    path.write_text(
        'extends = "calm"\n'
        '[[events]]\nat = "10s"\nkind = "add"\ngroup = "noise"\ncount = 2\n'
        '[[events]]\nat = "20s"\nkind = "remove"\ngroup = "makers"\n'
        '[[events]]\nat = "20s"\nkind = "value"\nmove_bps = 100\n'
    )
    simulation = Simulation(library.load(str(path)), 3, VirtualClock())
    simulation.clock.run_until(9 * SECOND)
    assert len(simulation.contexts("noise")) == 20
    value = simulation.world.value_ticks
    simulation.clock.run_until(21 * SECOND)
    assert len(simulation.contexts("noise")) == 22
    assert all(context.stopped and not context.orders for context in simulation.contexts("makers"))
    assert simulation.world.value_ticks / value == pytest.approx(1.01, abs=0.002)


def test_a_scenario_holds_at_any_price_tick_and_lot() -> None:
    market = ('market.price="0.5"', 'market.tick_size="0.00001"', 'market.lot_size="1"', 'market.typical_size="1000"')
    summary = run_of("calm", "duration=2m", *market)
    assert summary.trades > 200
    assert float(summary.last_price) == pytest.approx(0.5, rel=0.02)


def test_the_spoofer_leaves_no_bait_behind() -> None:
    simulation = simulation_of("spoofing", "groups.spoofer.start=5s", "groups.spoofer.every_s=10", "duration=10m")
    positions = []
    for second in range(10, 180, 10):
        simulation.clock.run_until(second * SECOND)
        (spoofer,) = simulation.contexts("spoofer")
        positions.append(spoofer.position)
        assert len(spoofer.orders) <= 1
    assert len(set(positions)) > 2


def lowest_and_last(simulation: Simulation) -> tuple[int, int, int]:
    """Return the price before the seller comes, the lowest, and the one half an hour after that, in ticks."""
    prices = []
    for second in range(1795, 5400, 5):
        simulation.clock.run_until(second * SECOND)
        price = simulation.venue.exchange.last_price_ticks("BTC-USDT")
        assert price is not None
        prices.append(price)
    lowest = min(range(len(prices)), key=prices.__getitem__)
    simulation.venue.exchange.check()
    return prices[0], prices[lowest], prices[min(lowest + 360, len(prices) - 1)]


def test_a_flash_crash_is_deep_passes_and_is_shallower_with_a_breaker() -> None:
    before, low, later = lowest_and_last(simulation_of("flash-crash"))
    assert 0.03 <= 1 - low / before <= 0.3
    assert later - low >= (before - low) / 2
    halted_before, halted_low, _ = lowest_and_last(simulation_of("flash-crash-breaker"))
    assert halted_before == before, "the two share their chance"
    assert halted_low > low


def test_a_market_halts_and_is_resumed_at_its_times(tmp_path: Path) -> None:
    path = tmp_path / "halted.toml"
    path.write_text(
        'extends = "calm"\n[market]\nauction_duration = "10s"\n'
        '[[events]]\nat = "20s"\nkind = "halt"\n[[events]]\nat = "40s"\nkind = "resume"\n'
        '[[events]]\nat = "70s"\nkind = "halt"\nduration = "5s"\n'
    )
    simulation = Simulation(library.load(str(path)), 3, VirtualClock())
    states = {}
    for second in (19, 21, 39, 41, 52, 71, 76, 90):
        simulation.clock.run_until(second * SECOND)
        states[second] = simulation.venue.exchange.market_state("BTC-USDT")[0].value
    assert states == {
        19: "open",
        21: "halted",
        39: "halted",
        41: "auction",
        52: "open",
        71: "halted",
        76: "auction",
        90: "open",
    }
    trades = simulation.venue.trades
    simulation.clock.run_until(95 * SECOND)
    assert simulation.venue.trades > trades
