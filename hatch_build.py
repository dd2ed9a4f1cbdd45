"""The build step that compiles the hot path with mypyc, where there is a C compiler; else the wheel is plain.

Compiled, the engine applies nearly twice as many commands a second, and a node answers a quarter more. It is the same
code with the same results: the source stays beside it, and tests/engine/test_compiled.py and tests/end_to_end hold one
to the other. CRYPTEX_COMPILE=0 leaves it out.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PROTOCOL = "amounts codec render times"
NODE = (
    "answers candles commits connection day_window digest feed frames gateway in_flight mailbox market_data "
    "order_reply private_topics rates recent replay sequencer stream stream_methods throttle topics trading"
)
COMPILED = (
    "engine/*.py",
    *(f"protocol/{name}.py" for name in PROTOCOL.split()),
    *(f"node/{name}.py" for name in NODE.split()),
)
"""What every order goes through. No module in which msgspec reads the annotations of structs (compiled classes have
none), and no base of a class that stays plain.
"""
LEFT_AS_THEY_ARE = {"__init__.py", "idempotency.py", "snapshot.py", "withdrawals_state.py"}
"""Those of the engine that hold such structs."""
COMPILE_TIMEOUT_S = 600
OPTIMISATION = {"MYPYC_OPT_LEVEL": "1"}
"""A compile of two thirds the time, with the same figures: what mypyc writes is calls of its runtime."""
MYPY_CONFIG = "[mypy]\nignore_missing_imports = true\nfollow_imports = silent\n"
"""A build has few of the libraries: what the modules beside make of that is not the compiler's business."""


class CompileHotPath(BuildHookInterface):
    """Adds the compiled modules to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a temporary folder; any failure leaves the wheel as it would be without this."""
        if self.target_name != "wheel" or version == "editable" or os.environ.get("CRYPTEX_COMPILE") == "0":
            return
        if sys.implementation.name != "cpython" or not any(map(shutil.which, ("cc", "gcc", "clang", "cl"))):
            return
        self._folder = TemporaryDirectory()
        built = self._compile(Path(self._folder.name))
        if not built:
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"].update(built)

    def _compile(self, folder: Path) -> dict[str, str]:
        """Return the compiled files and where in the wheel they belong; none where the compiler fails."""
        shutil.copytree(
            Path(self.root) / "cryptex", folder / "cryptex", ignore=shutil.ignore_patterns("__pycache__", "*.so")
        )
        (folder / "mypy.ini").write_text(MYPY_CONFIG)
        modules = sorted(
            str(path.relative_to(folder))
            for pattern in COMPILED
            for path in (folder / "cryptex").glob(pattern)
            if path.name not in LEFT_AS_THEY_ARE
        )
        try:
            subprocess.run(
                [sys.executable, "-m", "mypyc", *modules],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=COMPILE_TIMEOUT_S,
                env=os.environ | OPTIMISATION,
            )
        except (OSError, subprocess.SubprocessError) as error:
            output = getattr(error, "stdout", None) or b""
            self.app.display_warning(f"nothing is compiled ({error}): {output.decode(errors='replace')[-500:]}")
            return {}
        built = (path.relative_to(folder) for path in folder.rglob("*") if path.suffix in (".so", ".pyd"))
        return {str(folder / path): str(path) for path in built if path.parts[0] != "build"}
