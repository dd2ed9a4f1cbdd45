"""The environment variables that the command line reads."""

from typing import Final

NODE_VARIABLE: Final = "CRYPTEX_NODE"
TOKEN_VARIABLE: Final = "CRYPTEX_TOKEN"  # noqa: S105 (the name of a variable)
PROFILE_VARIABLE: Final = "CRYPTEX_PROFILE"
TRUST_VARIABLE: Final = "CRYPTEX_TRUST"
DATA_DIR_VARIABLE: Final = "CRYPTEX_DATA_DIR"
