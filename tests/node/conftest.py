from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.node.edge import Edge, edge


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Edge]:
    """A started node with an empty data folder."""
    async with edge(tmp_path / "data") as started:
        yield started
