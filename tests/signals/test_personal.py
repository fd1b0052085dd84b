"""Personal data: what is counted, what is not, and check digits against an independent reckoning."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.sensitive import CARD, EMAIL, IBAN, IP, PHONE, find
from tamis.sensitive.numbers import luhn
from tests.signals.chats import asked, value

FOUND = {
    "emails": [
        "jo@tamis.dev", "<ann.b+x@mail.kestrel-maps.co.uk>", '{"a":"\\njo@tamis.dev"}', "jo_b@firma.de,",
        "写 li@qq.com。",
    ],
    "phone_numbers": [
        "+44 20 7946 1958", "(415) 867-5309", "415-867-5309", "01 42 62 53 00", "Phone: 7482634", "call 0664 1234 985",
        "+1 (415) 867-5309 ext. 12", "电话：13800138000", "Telefon: 0151 24680975", '{"phone": "4158675309"}',
    ],
    "card_numbers": ["4532 2766 4457 7020", "4532276644577020", "card 501885596384", "3782-822463-10013"],
    "ibans": ["DE44 5001 0517 5407 3249 31", "DE44500105175407324931", "GB33BUKB20201555555555", "NO93 8601 1117 947"],
    "ip_addresses": ["58.74.121.78", "http://58.74.121.78:8080/", "2001:4860:7:110e::d5", "from 104.16.132.229."],
}  # fmt: skip


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, texts in FOUND.items() for said in texts])
def test_it_is_counted_once_and_nowhere_else(name: str, said: str) -> None:
    chat = asked("Well?", said)
    assert {other: value(other, chat) for other in FOUND} == {other: int(other == name) for other in FOUND}


def test_every_turn_counts() -> None:
    chat = [{"role": role, "text": "Ask jo@tamis.dev"} for role in ("system", "user", "assistant", "tool")]
    assert value("emails", chat) == 4


@given(digits=st.text("0123456789", min_size=11, max_size=18))
def test_one_of_ten_last_digits_is_right_and_it_is_the_one_that_luhn_says(digits: str) -> None:
    right = [last for last in "0123456789" if luhn(digits + last)]
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    assert right == [str(-total % 10)]


@given(account=st.text("0123456789", min_size=18, max_size=18), wrong=st.integers(1, 96))
def test_an_iban_needs_its_check_digits(account: str, wrong: int) -> None:
    check = 98 - int(account + "131400") % 97  # D is 13, E 14
    good, bad = f"DE{check:02}{account}", f"DE{(check + wrong) % 97:02}{account}"
    assert [span for span, _ in find(good, [IBAN])] == [(0, 22)]
    if (check + wrong) % 97 != check % 97:
        assert find(bad, [IBAN]) == []


def test_a_wrong_digit_of_a_card_is_seen() -> None:
    draw = random.Random(1)
    for _ in range(200):
        at, other = draw.randrange(1, 16), draw.choice("0123456789")
        number = "4532276644577020"
        changed = number[:at] + other + number[at + 1 :]
        assert bool(find(changed, [CARD])) == (changed == number)


def test_spans_cover_the_value_and_nothing_beside_it() -> None:
    said = 'Mail "jo@tamis.dev", call (415) 867-5309, or ping 58.74.121.78.'
    assert [said[a:b] for (a, b), _ in find(said, [EMAIL, PHONE, IP])] == [
        "jo@tamis.dev",
        "(415) 867-5309",
        "58.74.121.78",
    ]
