"""`python -m tests.simulation SEED` runs one seed, `FIRST LAST [PROCESSES]` all from the first to the last."""

import sys

from tests.simulation.many import run_seeds
from tests.simulation.world import Failure, World, run_seed

USAGE = "python -m tests.simulation SEED [--trace] | FIRST LAST [PROCESSES]\n"


def main(arguments: list[str]) -> int:
    """Run what was asked; return 1 where a seed failed."""
    numbers = [int(each) for each in arguments if each.isdecimal()]
    try:
        if len(numbers) == 1 and "--trace" in arguments:
            world = World(numbers[0], keep_trace=True)
            try:
                world.run()
            finally:
                sys.stdout.write("\n".join([*(world.trace.lines or ()), ""]))
        elif len(numbers) == 1:
            sys.stdout.write(f"{run_seed(numbers[0])}\n")
        elif len(numbers) in (2, 3):
            figures = run_seeds(*numbers)
            sys.stdout.write(f"{figures}\n")
            return 1 if figures.failures else 0
        else:
            sys.stderr.write(USAGE)
            return 2
    except Failure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
