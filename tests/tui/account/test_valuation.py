"""What a wallet is worth."""

from decimal import Decimal

from cryptex.client.models import Balance
from cryptex.tui.account.valuation import Priced, home_of, rates_in, value

MARKETS = [
    Priced("ETH", "BTC", Decimal("0.05")),
    Priced("BTC", "USDT", Decimal(60000)),
    Priced("SOL", "USDT", None),
    Priced("DOT", "ETH", Decimal(1) / 4),
    Priced("USDT", "EUR", Decimal("0.8")),
]


def balance(asset: str, amount: str) -> Balance:
    return Balance(asset, Decimal(amount), Decimal(0), Decimal(amount))


def test_home_is_what_most_markets_quote_in() -> None:
    assert home_of(MARKETS) == "USDT"
    assert home_of([]) == ""


def test_rates_go_over_as_many_markets_as_it_takes_and_both_ways() -> None:
    assert rates_in("USDT", MARKETS) == {
        "USDT": 1,
        "BTC": 60000,
        "ETH": Decimal(3000),
        "DOT": Decimal(750),
        "EUR": Decimal("1.25"),
    }


def test_a_direct_market_is_taken_before_a_detour() -> None:
    markets = [*MARKETS, Priced("ETH", "USDT", Decimal(3100))]
    assert rates_in("USDT", markets)["ETH"] == 3100


def test_what_has_no_price_is_named_and_left_out() -> None:
    wallet = [balance("USDT", "100.5"), balance("BTC", "0.5"), balance("SOL", "3"), balance("XYZ", "0")]
    found = value(wallet, "USDT", rates_in("USDT", MARKETS))
    assert found.total == Decimal("30100.5")
    assert found.worth == {"USDT": Decimal("100.5"), "BTC": 30000, "SOL": None, "XYZ": 0}
    assert found.unpriced == ("SOL",)
