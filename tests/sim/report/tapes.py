"""Folders of runs, written from series of known properties: what a report is made of, without a market behind it."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.sim.report import series

SECONDS = 28_800
HALF_SPREAD_TICKS = 2


def write_run(folder: Path, **changes: object) -> Path:
    """Write run.json and return the folder."""
    run = {"scenario": "test", "seed": 1, "version": "0", "duration": "8h", "state_hash": "ab", "tick_size": "0.01"}
    folder.mkdir(exist_ok=True)
    (folder / "run.json").write_text(json.dumps(run | changes))
    return folder


def write_rows(path: Path, head: str, rows: list[str]) -> None:
    """Write a CSV file."""
    path.write_text("\n".join([head, *rows]) + "\n")


def second_text(time_s: float) -> str:
    """Return a time as the files have it."""
    return f"{time_s:.9f}"


def price_text(ticks: int) -> str:
    """Return a price as the files have it."""
    return f"{ticks // 100}.{ticks % 100:02}"


def write_market(folder: Path, volatility: NDArray[np.float64], signs: NDArray[np.int64], seed: int) -> Path:
    """Write a market that trades at the ends of a spread about a walking mid, at Poisson times, until signs run out.

    `volatility` is relative, one a second; each taker moves the mid with its sign and the square root of its size.
    """
    chance = np.random.default_rng(seed)
    times = np.sort(chance.uniform(0, SECONDS, len(signs)))
    sizes = np.ceil(1 + chance.pareto(1.6, len(signs))).clip(max=200).astype(np.int64)
    wild = volatility[times.astype(np.int64)]
    moves = wild * (2 * chance.standard_normal(len(signs)) + 0.3 * signs * np.sqrt(sizes))
    mids = 10_000 + np.rint(np.cumsum(moves)).astype(np.int64)
    before = np.concatenate(([10_000], mids[:-1]))
    write_run(folder)
    trades, quotes = [], [_quote(0.0, 10_000)]
    for index, (time, sign, size) in enumerate(zip(times, signs, sizes, strict=True)):
        price = price_text(int(before[index] + sign * HALF_SPREAD_TICKS))
        side = "buy" if sign > 0 else "sell"
        trades.append(f"{second_text(time)},{price},{size / 1000:.5f},{side},{index + 1}")
        quotes.append(_quote(time, int(mids[index])))
    write_rows(folder / "trades.csv", "timestamp,price,size,side,trade_id", trades)
    write_rows(folder / "quotes.csv", "timestamp,bid,ask", quotes)
    write_rows(folder / "orders.csv", "timestamp,side,price,best_bid,best_ask,kind", _orders(chance))
    return folder


def write_zero_intelligence(folder: Path, seed: int = 5) -> Path:
    """Write a market without memory of any kind."""
    return write_market(folder, np.ones(SECONDS), _coin(seed), seed)


def write_lively(folder: Path, seed: int = 5) -> Path:
    """Write a market whose volatility clusters and whose signs remember."""
    minutes = SECONDS // 60
    log_volatility = series.autoregressive(seed, minutes, 0.9) * 0.4
    wild = np.repeat(np.exp(log_volatility), 60)
    return write_market(folder, wild, series.fractional_signs(seed, SECONDS, 0.25), seed)


def _coin(seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed + 1).choice(np.array([-1, 1]), SECONDS)


def _quote(time: float, mid: int) -> str:
    return f"{second_text(time)},{price_text(mid - HALF_SPREAD_TICKS)},{price_text(mid + HALF_SPREAD_TICKS)}"


def _orders(chance: np.random.Generator) -> list[str]:
    distances = np.ceil(3 * chance.pareto(1.2, 5_000)).clip(max=1_500).astype(np.int64)
    return [
        f"{second_text(index)},{'buy' if index % 2 else 'sell'},"
        f"{price_text(int(9_998 - far if index % 2 else 10_002 + far))},99.98,100.02,limit"
        for index, far in enumerate(distances)
    ] + ["5000.000000000,sell,,99.98,100.02,market", "5001.000000000,buy,,99.98,,cancel"]
