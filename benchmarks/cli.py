"""The command line: `python -m benchmarks.cli` prints how long `cryptex ticker BTC-USDT` takes on a running node, and
how long Python takes to do nothing. The middle of several runs each.
"""

import argparse
import subprocess
import sys
from time import perf_counter

from benchmarks.servers import run_node


def wall_s(*arguments: str) -> float:
    """Return how long Python takes with these arguments, from its start to its end."""
    begin = perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begin


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    with run_node() as node:
        command = ("-m", "cryptex", "--node", node.url, "ticker", "BTC-USDT")
        pairs = [(wall_s(*command), wall_s("-c", "pass")) for _ in range(options.runs)]
    ticker, python = (sorted(values)[options.runs // 2] for values in zip(*pairs, strict=True))
    print(f"ticker   {ticker:.3f} s")
    print(f"python   {python:.3f} s")
    print(f"ratio    {ticker / python:.1f}")


if __name__ == "__main__":
    main()
