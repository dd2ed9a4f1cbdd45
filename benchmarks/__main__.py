"""`python -m benchmarks`: runs every benchmark, one after the other; with names, those. `--list` says what there is."""

import argparse
import subprocess
import sys
from typing import Final

BENCHMARKS: Final = {
    "engine": ("engine", "commands a second, and the ratio to a bare book"),
    "depth": ("engine_depth", "the engine on 1,000 to 200,000 resting orders, and with 50,000 at one price"),
    "node": ("node", "durable replies a second over websocket, and the ratio to a bare echo"),
    "encryption": ("at_rest", "the cost of encryption: commits and replies, and the ratio to a plain folder's"),
    "pace": ("paced", "latency at 1,000 orders offered a second"),
    "lag": ("paced --per-second 10000", "history's lag at 10,000 orders offered a second"),
    "fanout": ("fanout", "the cost of 200 book subscribers"),
    "rest": ("rest", "durable replies a second to POST /orders, and the ratio to a bare echo"),
    "logins": ("logins", "logins of known and unknown names, and orders while 200 logins are under way"),
    "start": ("start", "starts and replays, the last on 1,000,000 commands (three minutes)"),
    "memory": ("memory", "resident memory with 100,000 resting orders"),
    "terminal": ("terminal", "the terminal at 1,000 book updates a second, and the ratio to a DataTable"),
    "cli": ("cli", "`cryptex ticker`"),
}
"""By name: the module and its arguments, and what it prints."""


def main() -> int:
    """Run what was asked for; return 1 if any of it failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--list", action="store_true", help="say what there is")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: {', '.join(BENCHMARKS)}")
    if options.list:
        for name, (command, what) in BENCHMARKS.items():
            print(f"{name:<10} {what}: python -m benchmarks.{command}")
        return 0
    failed = False
    for name in options.names or BENCHMARKS:
        command, what = BENCHMARKS[name]
        print(f"== {name}: {what}", flush=True)
        module, *arguments = command.split()
        ended = subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *arguments], check=False)
        failed |= ended.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
