"""`make audit`: what a reviewer asks of the code and what it stands on. `python -m tests.audit NAME...` runs a part.

Each part runs, stops none of the others, and the exit code is 1 if any failed. A part that cannot run here is skipped,
and says why.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
ADVISORY_SECONDS_MAX = 120.0
OWN_INTERPRETER = "S603"
"""Left out in pyproject.toml too: what cryptex starts is Python and cryptex, with arguments of its own."""

FILE_BYTES_MAX = 1_000_000

ALLOWED = frozenset(
    {
        "0BSD",
        "APACHE-2.0",
        "BSD-2-CLAUSE",
        "BSD-3-CLAUSE",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "UNLICENSE",
        "ZLIB",
    }
)
"""Licences under which cryptex may be used as it is: MPL's conditions are about changes to its own files."""

SAID_OTHERWISE = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
"""How packages write it that do not use SPDX's words."""

READ_BY_HAND = {"scipy": "BSD-3-Clause", "sqlcipher3": "Zlib"}
"""Packages whose metadata does not say it in a word; their licence file was read."""

SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}"),
    "an API key of cryptex": re.compile(r"cxk_[A-Za-z0-9_-]{43}"),
    "an access key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a token of a code host": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20})"),
    "a token of a package index": re.compile(r"\bpypi-[A-Za-z0-9_-]{60,}"),
    "a password in an address": re.compile(r"://[^\s/:@\"'{}<>$]{1,64}:[^\s/@\"'{}<>$]{6,128}@"),
}


class Skipped(Exception):
    """A part cannot run here; the message says why."""


def rules() -> int:
    """Ruff's security rules (flake8-bandit) alone, and the lines that are excused from one."""
    outcome = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select", "S", "--ignore", OWN_INTERPRETER, "cryptex", "examples"],
        cwd=ROOT,
        check=False,
    ).returncode
    for name, text in _texts("cryptex"):
        for number, line in enumerate(text.splitlines(), 1):
            if excuse := re.search(r"# noqa: S\d.*", line):
                print(f"{name}:{number}: {excuse[0]}")
    return outcome


def advisories() -> int:
    """Known vulnerabilities of the pinned versions (requirements.lock), by pip-audit."""
    if find_spec("pip_audit") is None:
        raise Skipped(
            "pip-audit is not installed here; with a venv of its own: `VENV/bin/python -m tests.audit advisories`"
        )
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*command, "-f", "json", "-r", "requirements.lock"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=ADVISORY_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Skipped(f"no advisory source answered within {ADVISORY_SECONDS_MAX:.0f} s") from None
    return judge(done.stdout, done.stderr)


def judge(report: str, errors: str) -> int:
    """Return 1 where pip-audit's report names a vulnerability. Raises Skipped where nothing could be looked up."""
    try:
        packages = json.loads(report)["dependencies"]
    except ValueError:
        reason = (errors.strip().splitlines() or ["it said nothing"])[-1]
        raise Skipped(f"no advisory source can be reached: {reason[:200]}") from None
    known = [each for each in packages if "vulns" in each]
    if not known:
        raise Skipped("the package index that is reached here has no advisories")
    for each in packages:
        if "vulns" not in each:
            print(f"{each['name']}: not looked up ({each.get('skip_reason')})")
        for found in each.get("vulns", ()):
            print(f"{each['name']} {each['version']}: {found['id']}, fixed in {', '.join(found['fix_versions'])}")
    print(f"{len(known)} of {len(packages)} packages looked up")
    return 1 if any(each["vulns"] for each in known) else 0


def licences() -> int:
    """The licence of everything that is installed beside cryptex, against the list of those that are allowed."""
    refused = 0
    for name, words in installed_licences():
        bad = not words or not all(any(word.upper() in ALLOWED for word in choice) for choice in words)
        refused += bad
        said = " AND ".join(" OR ".join(choice) for choice in words) or "not said"
        print(f"{name:32} {said}{'  NOT ALLOWED' if bad else ''}")
    return 1 if refused else 0


def secrets() -> int:
    """Texts of the repository that look like a secret."""
    found = [f"{path}: {what}" for path, text in _texts(".") for what in secrets_in(text)]
    print("\n".join(found) or "none")
    return 1 if found else 0


PARTS: dict[str, Callable[[], int]] = {
    "rules": rules,
    "advisories": advisories,
    "licences": licences,
    "secrets": secrets,
}


def secrets_in(text: str) -> list[str]:
    """Return what in a text looks like a secret."""
    return [what for what, pattern in SECRETS.items() if pattern.search(text)]


def installed_licences() -> Iterator[tuple[str, list[list[str]]]]:
    """Yield each installed package with its licences: all of the outer list hold, one of each inner list is enough."""
    found = {each.metadata["Name"]: each for each in distributions()}
    for name in sorted(found, key=str.casefold):
        if name != "cryptex":
            yield name, licences_of(found[name])


def licences_of(package: Distribution) -> list[list[str]]:
    """Return the licences that a package's metadata says; an empty list where it says none in a word."""
    meta = package.metadata
    by_hand = READ_BY_HAND.get(meta["Name"])
    if by_hand is not None:
        return [[by_hand]]
    text = str(meta.get("License-Expression") or meta.get("License") or "").strip()
    if text and "\n" not in text:
        return [[_word(word) for word in re.split(r" OR ", part.strip("()"))] for part in re.split(r" AND ", text)]
    classifiers = [each.rpartition(" :: ")[2] for each in meta.get_all("Classifier") or [] if "License ::" in each]
    return [[_word(each) for each in classifiers]] if classifiers else []


def _word(text: str) -> str:
    return SAID_OTHERWISE.get(text.strip().lower(), text.strip())


def _texts(under: str) -> Iterator[tuple[str, str]]:
    """Yield every text file that is in the repository."""
    listed = subprocess.run(["git", "ls-files", "-z", under], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and path.stat().st_size <= FILE_BYTES_MAX:
            data = path.read_bytes()
            if b"\0" not in data:
                yield name, data.decode("utf-8", "replace")


def main(names: list[str]) -> int:
    """Run parts by name, or all; return 1 if any failed."""
    failed: list[str] = []
    for name in names or PARTS:
        print(f"== {name}: {PARTS[name].__doc__}", flush=True)
        try:
            if PARTS[name]():
                failed.append(name)
        except Skipped as skipped:
            print(f"skipped: {skipped}")
    print(f"failed: {', '.join(failed)}" if failed else "audit: nothing failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
