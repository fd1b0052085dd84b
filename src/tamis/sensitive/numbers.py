"""Telephone, card and account numbers."""

from __future__ import annotations

import re
from typing import Final

from tamis.sensitive._kind import Kind, before


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _runs_on(found: re.Match[str]) -> bool:
    """Whether the number is a part of a longer one, of a word, or of a decimal."""
    return bool(_JOINED.search(before(found, 2)) or _FOLLOWED.match(found.string, found.end()))


_JOINED: Final = re.compile(r"[^\W_]$|\d[.,/:-]$|[-$€£¥#_/=^*]$|\.$")
_FOLLOWED: Final = re.compile(r"\w|[.,:/-]\d|[%°$€£]|[/*^+]")

# Cards

_TEST_CARDS: Final = frozenset(
    [
        "4111111111111111",
        "4242424242424242",
        "4012888888881881",
        "4000056655665556",
        "4000000000000002",
        "4222222222222",
        "5555555555554444",
        "5105105105105100",
        "5200828282828210",
        "2223003122003222",
        "378282246310005",
        "371449635398431",
        "378734493671000",
        "6011111111111117",
        "6011000990139424",
        "30569309025904",
        "38520000023237",
        "3530111333300000",
        "3566002020360505",
        "4532015112830366",
        "4539578763621486",
        "1234567812345670",
        "4000000000000000",
    ]
)
"""Numbers that card schemes and payment services publish for tests."""
_ISSUERS: Final = re.compile(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|(?:2131|1800)\d{11}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|62\d{14}|(?:5[06-8]|6[0-9])\d{14}"
)
_CARD_GROUPS: Final = re.compile(
    r"\d+|\d{4}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{1,4}(?:(?P=gap)\d{3})?)?|\d{4}([ -])\d{6}\2\d{4,5}"
)


_OTHER_NUMBER: Final = re.compile(
    r"(?i)(?:\b(?:order|invoice|tracking|ticket|parcel|shipment|isbn|doi|id|uuid|ean|gtin|upc|serial|time(?:stamp)?"
    r"|ms)\b[\w .:#\"'=]{0,8}"
    r"|[A-Z]{2}\d\d ?)$"  # the head of an IBAN
)


_CARD_NAMED: Final = re.compile(
    r"(?i)\b(?:card|karte|carte|tarjeta|carta|visa|mastercard|amex|maestro|paid with)\b[^.!?\n]{0,16}$|卡号?[^\w]{0,3}$"
)


def luhn(digits: str) -> bool:
    """Whether the check digit at the end is right (ISO/IEC 7812-1).

    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_card(found: re.Match[str]) -> bool:
    digits = _digits(found[0])
    if not _CARD_GROUPS.fullmatch(found[0]) or len(set(digits)) < 4 or "2345678" in digits:
        return False
    said = before(found, 32)
    if _OTHER_NUMBER.search(said) or not (_ISSUERS.fullmatch(digits) or _CARD_NAMED.search(said)):
        return False
    return luhn(digits) and digits not in _TEST_CARDS and not _runs_on(found)


CARD: Final = Kind(
    "card", "card", re.compile(r"\d(?<![\w+].)(?:[ -]?\d){11,18}\b"), _is_card, hint=r"[0-9](?:[ -]?[0-9]){11}"
)

# Accounts

_IBAN_LENGTHS: Final = {
    country: int(entry[:2])
    for entry in [
        "15NO",
        "16BE",
        "18DKFOFINLSD",
        "19MKSI",
        "20ATBABAKZLTLUXK",
        "21CHHRLILVBI",
        "22BGBHCRDEGBGEIEMERSVA",
        "23AEGIILIQTLOMSO",
        "24ADCZESMDPKROSASESKTNVG",
        "25PTSTLY",
        "26ISTRFK",
        "27FRGRITMCMRSMDJ",
        "28ALAZBYCYDOGTHULBNIPLSV",
        "29BREGPSQAUA",
        "30JOKWMUYE",
        "31MTSC",
        "32LC",
        "33RU",
    ]
    for country in re.findall("[A-Z]{2}", entry[2:])
}
"""Characters of an IBAN by country: SWIFT's IBAN registry."""
_EXAMPLE_IBANS: Final = frozenset(
    [
        "DE89370400440532013000",
        "GB82WEST12345698765432",
        "GB29NWBK60161331926819",
        "FR1420041010050500013M02606",
        "NL91ABNA0417164300",
        "CH9300762011623852957",
        "ES9121000418450200051332",
        "IT60X0542811101000000123456",
        "BE68539007547034",
        "AT611904300234573201",
    ]
)
"""The registry's examples, which everybody quotes."""


def _is_iban(found: re.Match[str]) -> bool:
    number = found[0].replace(" ", "")
    if _IBAN_LENGTHS.get(number[:2]) != len(number) or number in _EXAMPLE_IBANS:
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


IBAN: Final = Kind(
    "iban",
    "iban",
    re.compile(
        r"[A-Z](?<!\w.)[A-Z]\d{2}(?:(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3}(?![A-Z0-9]))?|(?: ?[A-Z0-9]{4}){2} "
        r"?[A-Z0-9]{3})\b"
    ),
    _is_iban,
    hint="[A-Z][A-Z][0-9][0-9] ?[A-Z0-9]",
)
