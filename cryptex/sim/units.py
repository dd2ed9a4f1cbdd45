"""Units that are not the exchange's."""

from typing import Final

BASIS_POINT: Final = 1e-4
