"""Data folders in both forms."""

from pathlib import Path

import pytest

from tests.store.vaults import begin_folder


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def form(request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Makes the test's folder a data folder: a plain one, and in another run an encrypted one."""
    begin_folder(tmp_path, encrypted=request.param, key_file=tmp_path_factory.mktemp("keys") / "node.key")
