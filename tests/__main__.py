"""`python -m tests`: everything that must hold before a change lands: ruff, mypy, import-linter, pytest."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS = {
    "ruff check": (sys.executable, "-m", "ruff", "check", "."),
    "ruff format": (sys.executable, "-m", "ruff", "format", "--check", "."),
    "mypy": (sys.executable, "-m", "mypy"),
    "import-linter": (str(BIN / "lint-imports"),),
    "pytest": (sys.executable, "-m", "pytest", "-n", "2", "-q"),
}


def main() -> int:
    """Run every check, stop at none, and return 1 if any failed."""
    failed = []
    for name, command in CHECKS.items():
        begin = perf_counter()
        print(f"== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"== {name}: {perf_counter() - begin:.0f} s", flush=True)
    if failed:
        print("failed:", ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
