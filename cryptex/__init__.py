"""cryptex: a whole cryptocurrency exchange that fits in a terminal."""

from typing import Final

__version__: Final = "0.1.0"
