"""Deposit addresses: what they say comes back, and what was mistyped is caught."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.protocol.addresses import PAYLOAD_BYTES, address_text, payload_of, prefix_of
from cryptex.protocol.terms import ADDRESS_LENGTH_MAX, SYMBOL_LENGTH_MAX

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
ADDRESS = address_text("BTC", bytes(range(PAYLOAD_BYTES)))


@given(st.binary(min_size=PAYLOAD_BYTES, max_size=PAYLOAD_BYTES), st.sampled_from(["BTC", "1INCH", "A" * 16]))
def test_an_address_says_what_it_was_made_of(payload: bytes, asset: str) -> None:
    address = address_text(asset, payload)
    assert payload_of(asset, address) == payload
    assert payload_of(asset, address.upper()) == payload
    assert address.startswith(prefix_of(asset))


def test_its_form_stays() -> None:
    assert ADDRESS == "cxbtc1qqqsyqcyq5rqwzqfpg9scrgwpuc4arwd"


def test_the_longest_is_accepted_as_an_address() -> None:
    assert len(address_text("A" * SYMBOL_LENGTH_MAX, bytes(PAYLOAD_BYTES))) <= ADDRESS_LENGTH_MAX


def test_every_single_wrong_letter_and_every_swap_is_caught() -> None:
    start = len(prefix_of("BTC"))
    for place in range(start, len(ADDRESS)):
        for letter in LETTERS + "b1o":
            wrong = ADDRESS[:place] + letter + ADDRESS[place + 1 :]
            if wrong != ADDRESS:
                with pytest.raises(ValueError, match="checksum"):
                    payload_of("BTC", wrong)
    for place in range(start, len(ADDRESS) - 1):
        one, other = ADDRESS[place : place + 2]
        if one != other:
            with pytest.raises(ValueError, match="checksum"):
                payload_of("BTC", ADDRESS[:place] + other + one + ADDRESS[place + 2 :])


def test_up_to_four_wrong_letters_are_caught() -> None:
    random, start = Random(7), len(prefix_of("BTC"))
    for _ in range(2_000):
        letters = list(ADDRESS)
        for place in random.sample(range(start, len(ADDRESS)), random.randint(2, 4)):
            letters[place] = random.choice(LETTERS.replace(letters[place], ""))
        with pytest.raises(ValueError, match="checksum"):
            payload_of("BTC", "".join(letters))


def test_mixed_letters_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="checksum"):
        payload_of("BTC", ADDRESS[:-1] + ADDRESS[-1].upper())


@pytest.mark.parametrize(
    "text", ["", "somewhere", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "cxbtc1qqq", ADDRESS + "q"]
)
def test_what_is_not_of_the_form_is_somebody_elses_affair(text: str) -> None:
    assert payload_of("BTC", text) is None


def test_an_address_of_another_asset_is_not_of_this_ones_form() -> None:
    assert payload_of("ETH", ADDRESS) is None
    moved = prefix_of("ETH") + ADDRESS[len(prefix_of("BTC")) :]
    with pytest.raises(ValueError, match="checksum"):
        payload_of("ETH", moved)
