from contextlib import suppress

import pytest

from cryptex.node.clock import ManualClock
from cryptex.node.rates import (
    ADDRESS_REQUESTS_BURST,
    REGION_GUESSES_AT_ONCE,
    REGION_GUESSES_PER_HOUR,
    SENSITIVE_BURST,
    SENSITIVE_PER_MINUTE,
    Rates,
    address_of,
    region_of,
    site_of,
)
from cryptex.node.settings_file import LimitSettings
from cryptex.protocol.problems import Code, Refusal


@pytest.mark.parametrize(
    ("host", "counts_as"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a socket", "a socket"),
    ],
)
def test_addresses_of_one_site_count_as_one(host: str, counts_as: str) -> None:
    assert address_of({"client": (host, 1)}) == counts_as


def test_a_peer_without_an_address_counts_as_one_too() -> None:
    assert address_of({"client": None}) == address_of({}) == ""


def test_without_a_limit_on_commands_there_is_none_on_strangers() -> None:
    rates = Rates(LimitSettings(commands_per_second=0), ManualClock())
    for _ in range(2 * ADDRESS_REQUESTS_BURST):
        rates.stranger("127.0.0.1")


def test_the_refusal_says_how_long_to_wait() -> None:
    rates = Rates(LimitSettings(commands_per_second=1, command_burst=1), ManualClock())
    rates.account(1)
    rates.account(2)
    with pytest.raises(Refusal) as refused:
        rates.account(1)
    assert (refused.value.code, refused.value.details) == (Code.RATE_LIMITED, {"retry_after": 1})


def test_acts_that_leave_rows_for_good_are_few() -> None:
    clock = ManualClock()
    rates = Rates(LimitSettings(), clock)
    for _ in range(SENSITIVE_BURST):
        rates.sensitive(1)
    with pytest.raises(Refusal):
        rates.sensitive(1)
    rates.sensitive(2)
    clock.advance(60 / SENSITIVE_PER_MINUTE)
    rates.sensitive(1)
    without = Rates(LimitSettings(commands_per_second=0), clock)
    for _ in range(2 * SENSITIVE_BURST):
        without.sensitive(1)


def test_the_new_addresses_of_one_region_share_their_guesses_at_a_crowded_name() -> None:
    clock = ManualClock()
    limits = Rates(LimitSettings(logins_per_minute=10), clock)
    let_in = 0
    sites = [site_of(f"2001:db8:1:{each:x}::1") for each in range(500)]
    for _ in range(4):  # four quarters of an hour, in which each site has its turn
        for _ in range(200):
            limits.failed("ann", Code.BAD_CREDENTIALS)
        for site in sites:
            with suppress(Refusal):
                limits.new_address("ann", site)
                let_in += 1
        clock.advance(900)
    assert 0 < let_in <= REGION_GUESSES_AT_ONCE + REGION_GUESSES_PER_HOUR
    for each in ("2001:db8:2::1", "192.0.2.1"):  # others have their turn
        for _ in range(40):
            limits.failed("ann", Code.BAD_CREDENTIALS)
        with pytest.raises(Refusal) as caught:
            limits.new_address("ann", site_of(each))
        clock.advance(float(str(caught.value.details["retry_after"])))
        limits.failed("ann", Code.BAD_CREDENTIALS)
        limits.new_address("ann", site_of(each))


def test_a_region_is_a_48_of_ipv6_and_any_other_address_itself() -> None:
    assert region_of(site_of("2001:db8:1:ffff::1")) == "2001:db8:1::/48"
    assert [region_of(site_of(each)) for each in ("192.0.2.1", "::ffff:192.0.2.1", "unix")] == [
        "192.0.2.1",
        "192.0.2.1",
        "unix",
    ]
