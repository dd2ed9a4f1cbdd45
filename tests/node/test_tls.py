"""Which certificate a node shows: its own authority's, renewed in time, or its operator's."""

import ssl
import stat
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from cryptex.node.clock import ManualClock
from cryptex.node.local_ca import FOLDER, NODE_DAYS, fingerprint_of
from cryptex.node.settings import Settings, load_settings
from cryptex.node.settings_file import SettingsError
from cryptex.node.tls import CIPHERS, RENEW_BEFORE_DAYS, NodeTls, TlsUnusable, node_tls
from cryptex.protocol.fingerprints import read_fingerprint
from tests.authorities import write_certificate

DAY_NS = 86_400 * 10**9
NOW_NS = 1_790_000_000 * 10**9


def tls_of(settings: Settings, clock: ManualClock | None = None) -> NodeTls:
    made = node_tls(settings, clock or ManualClock(NOW_NS))
    assert made is not None
    return made


def shown(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / FOLDER / "node.pem").read_bytes())


def test_an_authority_of_its_own_signs_for_this_machine_and_for_names_that_were_asked_for(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", tls=True, tls_names=["exchange.example", "10.1.2.3"])
    made = tls_of(settings)
    folder = tmp_path / "data" / FOLDER
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "ca.key": 0o600,
        "ca.pem": 0o600,
        "node.pem": 0o600,
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = shown(tmp_path / "data").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "exchange.example"} <= set(names.get_values_for_type(x509.DNSName))
    assert {"127.0.0.1", "::1", "10.1.2.3"} <= set(map(str, names.get_values_for_type(x509.IPAddress)))
    authority = (folder / "ca.pem").read_bytes()
    shown(tmp_path / "data").verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
    assert made.fingerprint == fingerprint_of(authority) == read_fingerprint(made.fingerprint)


def test_each_start_has_a_new_certificate_of_the_same_authority(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, tls=True)
    first = tls_of(settings)
    before = shown(tmp_path)
    again = tls_of(settings)
    assert again.fingerprint == first.fingerprint
    assert shown(tmp_path).serial_number != before.serial_number


def test_it_is_renewed_before_it_ends_and_when_the_clock_jumps(tmp_path: Path) -> None:
    clock = ManualClock(NOW_NS)
    made = tls_of(load_settings(data_dir=tmp_path, tls=True), clock)
    assert not made.refresh()
    clock.set(NOW_NS + (NODE_DAYS - RENEW_BEFORE_DAYS) * DAY_NS - 1)
    assert not made.refresh()
    clock.set(NOW_NS + (NODE_DAYS - RENEW_BEFORE_DAYS) * DAY_NS)
    assert made.refresh()
    assert not made.refresh()
    clock.set(NOW_NS - 30 * DAY_NS)
    assert made.refresh()
    clock.set(NOW_NS + 300 * DAY_NS)
    assert made.refresh()
    assert shown(tmp_path).not_valid_after_utc.timestamp() * 10**9 == NOW_NS + (300 + NODE_DAYS) * DAY_NS


def test_a_renewal_that_fails_leaves_the_old_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock(NOW_NS)
    made = tls_of(load_settings(data_dir=tmp_path, tls=True), clock)
    (tmp_path / FOLDER / "node.pem").unlink()
    (tmp_path / FOLDER / "node.pem").mkdir()
    clock.set(NOW_NS + NODE_DAYS * DAY_NS)
    assert not made.refresh()
    assert "can not be renewed" in caplog.text
    (tmp_path / FOLDER / "node.pem").rmdir()
    assert made.refresh()


def test_an_authority_near_its_end_vouches_for_the_same_key_anew(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, tls=True)
    before = tls_of(settings)
    old = (tmp_path / FOLDER / "ca.pem").read_bytes()
    later = tls_of(settings, ManualClock(NOW_NS + 3645 * DAY_NS))
    assert later.fingerprint == before.fingerprint
    assert (tmp_path / FOLDER / "ca.pem").read_bytes() != old


def test_a_damaged_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, tls=True)
    tls_of(settings)
    (tmp_path / FOLDER / "ca.key").write_text("gone")
    with pytest.raises(TlsUnusable, match="can not be made"):
        tls_of(settings)
    assert (tmp_path / FOLDER / "ca.key").read_text() == "gone"


def test_files_of_the_operator_are_shown_and_read_again_when_they_change(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, key = write_certificate(tmp_path, authority, "exchange.example")
    settings = load_settings(data_dir=tmp_path / "data", tls_certificate=certificate, tls_key=key)
    assert settings.tls.enabled
    made = tls_of(settings)
    assert made.fingerprint == fingerprint_of(certificate.read_bytes())
    assert not made.refresh()
    assert not (tmp_path / "data" / FOLDER).exists()
    before = made.fingerprint
    certificate.unlink()
    assert not made.refresh()
    write_certificate(tmp_path, authority, "exchange.example")
    assert made.refresh()
    assert made.fingerprint != before


def test_files_that_do_not_fit_are_refused_without_a_question(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path, trustme.CA(), "exchange.example")
    other = tmp_path / "other"
    other.mkdir()
    _, wrong = write_certificate(other, trustme.CA(), "exchange.example")
    with pytest.raises(TlsUnusable):
        tls_of(load_settings(data_dir=tmp_path, tls_certificate=certificate, tls_key=wrong))
    with pytest.raises(TlsUnusable):
        tls_of(load_settings(data_dir=tmp_path, tls_certificate=tmp_path / "none", tls_key=key))
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"passphrase")
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(private.private_bytes(pem, pkcs8, locked))
    with pytest.raises(TlsUnusable, match="encrypted"):
        tls_of(load_settings(data_dir=tmp_path, tls_certificate=certificate, tls_key=key))


def test_settings_of_tls_are_checked(tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text('[tls]\nenabled = true\nnames = ["a.example"]\n')
    assert load_settings(config).tls.names == ("a.example",)
    assert node_tls(load_settings(data_dir=tmp_path), ManualClock(NOW_NS)) is None
    for text, complaint in (
        ('certificate = "c.pem"', "tls.key"),
        ('key = "k.pem"', "tls.certificate"),
        ('names = ["a b"]', "tls.names"),
        ('names = ["-"]', "tls.names"),
        ('certificate = "c.pem"\nkey = "k.pem"\nnames = ["a.example"]', "tls.names"),
        ("version = 1", "tls.version"),
    ):
        config.write_text(f"[tls]\n{text}\n")
        with pytest.raises(SettingsError, match=complaint):
            load_settings(config)


def test_old_protocols_and_ciphers_that_keep_no_secrets_are_not_spoken(tmp_path: Path) -> None:
    context = tls_of(load_settings(data_dir=tmp_path, tls=True)).context
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    names = [each["name"] for each in context.get_ciphers() if each["protocol"] == "TLSv1.2"]
    assert names
    assert all(name.startswith("ECDHE") and "CBC" not in name for name in names), (CIPHERS, names)
