"""Passwords that everybody tries first: only those of 8 characters or more, case-folded."""

from functools import cache
from typing import Final

LENGTH_MIN: Final = 8

_OF_THIS_FIELD: Final = (
    "01234567 0123456789 0987654321 10101010 101010101 11111112 12121212 123123123 12341234 13131313 19841984 "
    "19901990 20002000 20202020 20242024 20252025 20262026 21212121 23232323 45454545 69696969 87654321 987654321 "
    "9876543210 99998888 aa12345678 abcabcabc abcdefgh abcdefghi admin1234 admin12345 adminadmin administrator "
    "alejandro alexander australia autumn2024 autumn2025 basketball benjamin binance123 bitcoin1 bitcoin123 "
    "blockchain business canada123 caroline changeme123 chocolate christopher coinbase coinbase1 "
    "correcthorsebatterystaple cryptex1 cryptex123 crypto123 cryptocurrency december dogecoin elizabeth eminem123 "
    "ethereum ethereum1 exchange facebook facebook1 february fortnite francisco friday123 gabriela guest123 guitar123 "
    "hodlhodl iloveu123 jennifer jonathan letmein123 linkedin lovelove manutd123 mastermaster michelle millionaire "
    "minecraft1 monday123 moneymoney nicholas november p@$$w0rd p@ssw0rd! p@ssw0rd1 p@ssword p@ssword1 pa$$word "
    "pass12345 passcode1 passpass passphrase passw0rd! password1! password123! password12345 password@1 password@123 "
    "passwordpassword princess123 qwe12345 qweqweqwe root1234 rootroot satoshi1 satoshinakamoto secretpassword "
    "september spring2024 spring2025 summer123 summer2024 summer2025 superuser supervisor sweetheart test12345 "
    "testtest thepassword tigger123 together toor1234 tothemoon trader123 trading1 user1234 victoria winter123 "
    "winter2024 winter2025 xbox1234 yourpassword youtube1 zaq1zaq1 "
)
"""What zxcvbn's list leaves out: dates, rows of digits, and words of exchanges."""


@cache
def common_passwords() -> frozenset[str]:
    """Return the more than eleven thousand that are seen most in what was stolen elsewhere (zxcvbn's list), and ours.

    The list is read when it is first needed, in a tenth of a second: not on the event loop.
    """
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    seen = (password.casefold() for password in FREQUENCY_LISTS["passwords"] if len(password) >= LENGTH_MIN)
    return frozenset([*_OF_THIS_FIELD.split(), *seen])
