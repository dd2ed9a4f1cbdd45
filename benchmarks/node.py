"""Node speed: `python -m benchmarks.node` prints durable order replies a second over websocket, latencies, and the
ratio to a bare echo server on the same stack and under the same load in the same run.

16 connections keep 16 orders in flight each, five more follow the book. The load runs in this process, the servers in
processes of their own.
"""

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.load import CONNECTIONS, Figures, listen, run_load
from cryptex.client.rest import RestClient

LISTENERS: Final = 5
ECHO_START_S_MAX: Final = 10


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def measure_echo(seconds: float) -> Figures:
    """Return what the load sees of the bare echo."""
    port = free_port()
    server = _start_process("benchmarks.echo", str(port))
    try:
        await _wait_for(port)
        return await run_load(f"ws://127.0.0.1:{port}/ws", [None] * CONNECTIONS, seconds)
    finally:
        server.terminate()
        server.wait()


async def measure_node(seconds: float, folder: str) -> tuple[Figures, int, float]:
    """Return what the load sees of a node, the messages its listeners got, and how long history took to catch up."""
    config = Path(folder) / "node.toml"
    config.write_text('[accounts.opening]\nUSDT = "100000000"\nBTC = "1000"\n[limits]\nlogins_per_minute = 0\n')
    node = _start_process(
        "cryptex", "node", "start", "--data-dir", f"{folder}/data", "--port", "0", "--config", str(config), "-o", "json"
    )
    try:
        assert node.stdout is not None
        url = json.loads(node.stdout.readline())["url"]
        rest = RestClient(url)
        tokens: list[str | None] = []
        for number in range(CONNECTIONS):
            rest.register(f"load-{number}", "a long password")
            tokens.append(rest.login(f"load-{number}", "a long password").token)
        socket_url = url.replace("http", "ws", 1) + "/ws"
        stop = asyncio.Event()
        listening = asyncio.create_task(listen(socket_url, LISTENERS, stop))
        figures = await run_load(socket_url, tokens, seconds)
        begin = perf_counter()
        lag_s = await asyncio.to_thread(_history_lag_s, url, tokens[0], begin)
        stop.set()
        return figures, await listening, lag_s
    finally:
        node.terminate()
        node.wait()


def _start_process(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True)


def _history_lag_s(url: str, token: str | None, begin: float) -> float:
    """Ask for history until it is there: the projector's lag after the load."""
    client = RestClient(url, token, 60)
    while True:
        try:
            client.orders(limit=1)
        except Exception as error:
            if "unavailable" not in str(getattr(error, "code", "")):
                raise
            continue
        return perf_counter() - begin


async def _wait_for(port: int) -> None:
    end = perf_counter() + ECHO_START_S_MAX
    while perf_counter() < end:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise TimeoutError("the echo server did not start")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    try:
        import uvloop
    except ImportError:
        run = asyncio.run
    else:
        run = uvloop.run
    echo = run(measure_echo(options.seconds))
    with tempfile.TemporaryDirectory() as folder:
        node, messages, lag_s = run(measure_node(options.seconds, folder))
    for name, figures in (("echo", echo), ("node", node)):
        latencies = "   ".join(
            f"{label} {value:6.2f} ms"
            for label, value in (
                ("p50", figures.latency_ms_p50),
                ("p99", figures.latency_ms_p99),
                ("p99.9", figures.latency_ms_p999),
            )
        )
        print(f"{name}   {figures.replies_per_s:>9,.0f} replies/s   {latencies}   {figures.refused} refused")
    print(f"ratio  {node.replies_per_s / echo.replies_per_s:.3f}")
    print(f"book messages to {LISTENERS} listeners: {messages:,}; history caught up {lag_s:.1f} s after the load")


if __name__ == "__main__":
    main()
