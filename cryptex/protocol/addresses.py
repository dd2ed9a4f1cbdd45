"""Deposit addresses as text: an asset's prefix, 1, 16 bytes in 32 letters and figures, and a checksum of six.

The coding is bech32m (BIP 350), whose checksum finds any four wrong characters; its prefix is `cx` and the asset in
small letters, and belongs to what is checked: an address of another asset is not taken for one of this.
"""

from collections.abc import Iterable
from typing import Final

PAYLOAD_BYTES: Final = 16
"""What an address says, prefix and checksum aside."""

_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: Final = {letter: value for value, letter in enumerate(_LETTERS)}
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKED: Final = 0x2BC830A3
_CHECKSUM_LETTERS: Final = 6
_PAYLOAD_LETTERS: Final = -(-PAYLOAD_BYTES * 8 // 5)
_PADDING_BITS: Final = _PAYLOAD_LETTERS * 5 - PAYLOAD_BYTES * 8


def prefix_of(asset: str) -> str:
    """Return what all addresses of an asset begin with."""
    return f"cx{asset.lower()}1"


def address_text(asset: str, payload: bytes) -> str:
    """Return the address that says these 16 bytes."""
    number = int.from_bytes(payload, "big") << _PADDING_BITS
    values = [number >> 5 * place & 31 for place in reversed(range(_PAYLOAD_LETTERS))]
    prefix = prefix_of(asset)
    check = _checksum([*_expanded(prefix), *values, *[0] * _CHECKSUM_LETTERS]) ^ _CHECKED
    values += [check >> 5 * place & 31 for place in reversed(range(_CHECKSUM_LETTERS))]
    return prefix + "".join(_LETTERS[value] for value in values)


def payload_of(asset: str, address: str) -> bytes | None:
    """Return what an address of this exchange says; None for text that is not of its form.

    Raises ValueError where it is of the form and the checksum is another's: a typing error.
    """
    prefix = prefix_of(asset)
    text = address.lower()
    if not text.startswith(prefix) or len(text) != len(prefix) + _PAYLOAD_LETTERS + _CHECKSUM_LETTERS:
        return None
    values = [_VALUES.get(letter, -1) for letter in text[len(prefix) :]]
    mixed = address not in (text, address.upper())
    if mixed or min(values) < 0 or _checksum([*_expanded(prefix), *values]) != _CHECKED:
        raise ValueError(f"its checksum does not fit: it is no {asset} address of this exchange")
    number = 0
    for value in values[:_PAYLOAD_LETTERS]:
        number = number << 5 | value
    return (number >> _PADDING_BITS).to_bytes(PAYLOAD_BYTES, "big")


def _expanded(prefix: str) -> list[int]:
    letters = [ord(letter) for letter in prefix[:-1]]
    return [*(letter >> 5 for letter in letters), 0, *(letter & 31 for letter in letters)]


def _checksum(values: Iterable[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            if top >> place & 1:
                checksum ^= generator
    return checksum
