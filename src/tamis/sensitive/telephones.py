"""Telephone numbers."""

from __future__ import annotations

import re
from typing import Final

from tamis.sensitive._kind import Kind, before

_NATIONAL_DIGITS: Final = {
    (5, 5): "247 290 500 682",
    (6, 6): "298 299 672 687",
    (6, 7): "597 676 677 678 683 688 690",
    (6, 8): "386 686",
    (6, 9): "27 40 46 252 376 421 508 681",
    (6, 10): "53 95 98 358 685 880",
    (6, 11): "352 375",
    (6, 12): "39 359 381 598 971",
    (6, 13): "43 49 63 82",
    (7, 7): "238 239 246 248 269 291 297 592 673 674 680 691 692",
    (7, 8): "241 599 670 675 853 961 965 975",
    (7, 9): "220 231 263 265 354 355 385 423 967 968",
    (7, 10): "44 48 61 230 243 254 267 353 372 960",
    (7, 11): "31 501 503 507 595 679 974",
    (7, 12): "86 882 972",
    (7, 13): "62",
    (8, 8): (
        "45 47 216 222 223 226 227 228 232 235 236 253 257 266 268 350 356 357 370 371 373 374 389 505 509 800 973 993 "
    ),
    (8, 9): "32 36 51 213 224 233 237 250 258 264 377 382 387 591 689 852 886 962 963",
    (8, 10): "20 60 64 84 378 506 850 855 856 964 970 976",
    (8, 11): "57 65 92 502 504 593 977",
    (8, 12): "383",
    (8, 13): "66 81 91",
    (9, 9): (
        "33 34 41 93 94 211 212 218 221 240 242 244 245 249 251 255 256 260 261 262 351 420 590 594 596 992 "
        "994 995 998 "
    ),
    (9, 10): "380 881 966 996",
    (9, 11): "55 56",
    (9, 12): "870",
    (10, 10): "1 52 58 225 229",
    (10, 11): "54",
    (10, 12): "30 234",
    (10, 13): "90",
    (10, 14): "7",
}
"""By fewest and most digits, the country codes before them; of fixed, mobile and free lines: libphonenumber 9.0.43."""
_COUNTRIES: Final = {code: span for span, codes in _NATIONAL_DIGITS.items() for code in codes.split()}

_FILLER: Final = (
    r"(?:[ _-]?(?:no|nr|number|num|nummer|n[uú]mero|#))?\b\.?[\"'*_]{0,3}(?: ?\([\w ]{1,12}\))?"
    r"(?: ?(?:is|es|est|ist|at|on|me|us|him|her|them|my|the|number|no\.?|under|unter|:|：|=|-|\u2013|,|\"|'|\*"
    r"|#)){0,5} ?$"
)
_TELEPHONE: Final = re.compile(
    r"(?i)(?:\b(?:tele?(?:phone|fono|fon|foon|fax)?|t[eé]l(?:[eé]phone)?|tel[eé]fono|phone|mobile?|cell(?:phone"
    r"|ular)?|handy|fax|whats ?app|sms"
    r"|rufnummer|handynummer|telefonnummer|portable|m[oó]vil|celular|(?:my|your|his|her|our|their) number|numero di "
    r"telefono)" + _FILLER + r"|(?:电话|手机|联系方式|電話|전화|тел(?:ефон)?\.?)[^\w\n]{0,3}$)"
)
"""What stands right before a number that is called a telephone number."""
_CALL: Final = re.compile(
    r"(?i)\b(?:call(?:ed|ing)?|dial(?:ed|ing)?|text(?= (?:me|us|him|her|them)\b)|ring|reach(?:ed|ing|able)?|landline"
    r"|hotline|desk|office|home|work"
    r"|direct|contact)" + _FILLER
)
"""What may also stand before a number of another kind, so that the number must look like a telephone number."""
_GROUPED_NANP: Final = re.compile(
    r"(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}|1?[2-9]\d\d[2-9]\d{6}"
)
_FRENCH: Final = re.compile(r"0[1-9](?:([ .])\d\d)(?:\1\d\d){3}")
_BRITISH: Final = re.compile(r"0(?:2\d \d{4} \d{4}|7\d{3} \d{6}|1\d{3} \d{6}|1\d1 \d{3} \d{4})")
_DATES: Final = re.compile(
    r"\(?(?:19|20)\d\d[-. ](?:0?[1-9]|1[0-2])[-. ](?:0?[1-9]|[12]\d|3[01])\b|(?:0?[1-9]|[12]\d|3[01])[-. ](?:0?[1-9]"
    r"|1[0-2])[-. ](?:19|20)\d\d\b"
    r"|\(?(?:1\d|20)\d\d ?- ?(?:1\d|20)\d\d$|\d{1,3}(?:\.\d{1,3}){3}$"
)
_FICTIONAL: Final = re.compile(
    # North America's 555 lines; Ofcom's, ACMA's and ARCEP's numbers for drama
    r"1?(?:\d{3})?555\d{4}|(?:44|0)(?:7700900|2079460|1632960|1134960|1144960|1154960|1164960|1174960|1184960"
    r"|1214960|1314960|1414960"
    r"|1514960|1614960|1914980|8081570|9098790|3069990)\d{3}|(?:61|0)(?:[2378](?:5550|7010)|491570|491571)\d{3,4}"
    r"|(?:33|0)(?:19900|26191|35301|46571|53649|63998)\d{4}|49(?:30|40|69|89)?\d?123456\d*"
)
_JOINED: Final = re.compile(r"[^\W_]$|\d[.,/:-]$|\d \($|[-$€£¥#_/=^*]$|\.$|\d ?[-+*/x×=] ?\(?$")
_FOLLOWED: Final = re.compile(
    r"[^\W_x]|[.,:/-]\d|_|\)?[%°$€£]| ?[/*^+=×] ?\d|x(?!\d)| ?(?:%|percent|million|billion|dollars|euros|km|kg|bytes"
    r"|ms)\b"
)


def _is_telephone(found: re.Match[str]) -> bool:
    """A number with a country code, one grouped as its country does, or one that the words before it call so."""
    number = re.split(" ?[xe]", found[0])[0]  # without an extension
    digits = "".join(c for c in number if c.isdecimal())
    if _FOLLOWED.match(found.string, found.end()) or len(set(digits[-7:])) < 3 or _is_made_up(digits):
        return False
    said = before(found, 48)
    if found[0].startswith(("+", "(+")):
        return _is_abroad(digits) and not re.search(r"[\w=(]$", said)
    if _JOINED.search(said) or _DATES.match(found[0]):
        return False
    if _TELEPHONE.search(said):
        return True
    if _CALL.search(said):
        return not number.isdecimal() or len(digits) >= 9
    if _GROUPED_NANP.fullmatch(number):
        return not number.isdecimal()
    return bool(_FRENCH.fullmatch(number) or _BRITISH.fullmatch(number))


def _is_made_up(digits: str) -> bool:
    """Whether the number is kept for fiction, or is one that nobody has: 1234567, 5550123."""
    return bool(_FICTIONAL.fullmatch(digits)) or any(
        run in digits for run in ("1234567", "2345678", "7654321", "9876543", "123456", "0000000", "1111111", "9999999")
    )


def _is_abroad(digits: str) -> bool:
    spans = [(len(digits) - n, _COUNTRIES.get(digits[:n])) for n in (1, 2, 3)]
    return any(
        span is not None and span[0] <= rest - (digits[n + 1] == "0") <= span[1] for n, (rest, span) in enumerate(spans)
    )


PHONE: Final = Kind(
    "phone",
    "phone",
    re.compile(
        # seven digits or more with what parts them, but for dates such as 2026-01-31
        r"[+(\d](?<![\w.].)(?:(?!(?<=\d)\d{3}-\d\d-\d\d\b)(?:(?<=\+)\(?\d|(?<=\()\+?\d|(?<=\d))(?:[ ().-]{0,2}\d){6,14}"
        r"(?: ?(?:x|ext\.?) ?\d{1,6})?(?!\w)|(?<=\d)(?<!-.)\d\d[-. ]\d{4}(?![\w-]))"
    ),
    _is_telephone,
    hint=r"[0-9](?:[ ().-]?[ ().-]?[0-9]){6}",
)
