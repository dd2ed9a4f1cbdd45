"""Without the extra `sim`, a report says how to install it."""

import importlib.util
import subprocess
import sys

import pytest

from cryptex.sim.report.numerics import NumericsMissing, require_numerics


def test_with_them() -> None:
    require_numerics()


def test_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("cryptex.sim.report.numerics.find_spec", lambda name: None if name == "scipy" else found(name))
    with pytest.raises(NumericsMissing, match="a report needs scipy") as caught:
        require_numerics()
    assert caught.value.suggestion == "Install the extra: pip install 'cryptex[sim]'"


def test_to_ask_imports_neither() -> None:
    script = (
        "import sys\n"
        "from cryptex.sim.report import model, numerics\n"
        "numerics.require_numerics()\n"
        "assert not {'numpy', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
