"""Whether what a report computes with is installed."""

from importlib.util import find_spec
from typing import Final

MODULES: Final = ("numpy", "scipy")
INSTALL: Final = "Install the extra: pip install 'cryptex[sim]'"


class NumericsMissing(ImportError):
    """Raised where a report is asked for without numpy or scipy; `suggestion` says how to install them."""

    suggestion: Final = INSTALL


def require_numerics() -> None:
    """Return only if a report can be computed here. Raises NumericsMissing, which names what is missing."""
    missing = [name for name in MODULES if find_spec(name) is None]
    if missing:
        raise NumericsMissing(f"a report needs {' and '.join(missing)}")
