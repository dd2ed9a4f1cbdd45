"""Tokens that sign: read, made, never sent, and never the same time twice."""

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cryptex.client.errors import InvalidRequestError
from cryptex.client.rest import RestClient
from cryptex.client.signing import Signer, ed25519_token, new_ed25519, show, signer_of
from cryptex.protocol.signing import signed_text

HMAC_TOKEN = "cxh_12_" + "s" * 43


def text_of(headers: dict[str, str], method: str, target: str, body: bytes) -> bytes:
    """Return what was signed, written out as the page of the protocol says."""
    digest = hashlib.sha256(body).hexdigest()
    lines = [headers["Cryptex-Key"], headers["Cryptex-Timestamp"], headers["Cryptex-Window"], method, target, digest]
    return "\n".join(lines).encode()


def test_an_hmac_token_signs_with_all_of_its_text() -> None:
    headers = show(HMAC_TOKEN, signer_of(HMAC_TOKEN), "POST", "/orders", b"{}")
    expected = hmac.digest(HMAC_TOKEN.encode(), text_of(headers, "POST", "/orders", b"{}"), hashlib.sha256)
    assert base64.b64decode(headers["Cryptex-Signature"]) == expected
    assert headers["Cryptex-Key"] == "12"
    assert "s" * 43 not in str(headers)


def test_an_ed25519_token_signs_with_its_half_of_the_pair() -> None:
    secret, public = new_ed25519()
    token = ed25519_token(7, secret)
    headers = show(token, signer_of(token), "GET", "/wallet", b"")
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
    key.verify(base64.b64decode(headers["Cryptex-Signature"]), text_of(headers, "GET", "/wallet", b""))


def test_other_tokens_are_sent() -> None:
    for token in ("cxk_abc", "a login's token"):
        assert show(token, signer_of(token), "GET", "/wallet", b"") == {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("token", ["cxh_", "cxh_12_", "cxe_x_abc", "cxe_1_short", "cxe_1_" + "?" * 43, "cxh_\u0661_x"])
def test_a_key_that_is_cut_off_is_never_sent(token: str) -> None:
    with pytest.raises(InvalidRequestError):
        RestClient("http://127.0.0.1:1", token)


def test_no_two_requests_have_the_same_time() -> None:
    signer = Signer(1, lambda text: text, clock_ns=lambda: 5_000_000_000)
    times = [signer.headers("GET", "/wallet", b"")["Cryptex-Timestamp"] for _ in range(3)]
    assert times == ["5000", "5001", "5002"]
    assert signer.login()["timestamp"] == 5003


def test_what_is_signed_is_six_lines() -> None:
    empty = hashlib.sha256(b"").hexdigest()
    assert signed_text(1, 2, 3, "GET", "/a?b=c", b"") == f"1\n2\n3\nGET\n/a?b=c\n{empty}".encode()
