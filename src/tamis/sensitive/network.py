"""E-mail and IP addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from tamis.sensitive._kind import Kind, before

_RESERVED: Final = re.compile(
    # RFC 2606 and 6761, and the names under which people write the same: no mail is ever delivered there
    r"(?i)(?:(?:.*\.)?(?:test|invalid|localhost|local|localdomain|internal|lan)"
    r"|(?:.*\.)?example[\w-]*(?:\.\w+)*"
    r"|(?:www\.|mail\.)?(?:my|your|the|our|a|some|sample|test|dummy|fake|foo)?[-_]?"
    r"(?:sample|company|companyname|domain|domainname|email|emailprovider|website|site|business|organi[sz]ation"
    r"|school|university|host|server|test|foo|bar|foobar|foo-bar|xyz|abc|acme|provider|store|shop|app|address|firm"
    r"|name|abcd?"
    r"|xxx+)\.[a-z]{2,4}(?:\.[a-z]{2})?)"
)
_PLACEHOLDER: Final = re.compile(
    r"(?i)(?:your|my|the|some|an?|sample|example|test|dummy|fake|user|customer|client|recipient|sender|employee)?[-_.]?"
    r"(?:e?mail|name|username|user|userid|address|email[-_.]?address|example|test|someone|somebody|foo|bar|xxx+|xyz"
    r"|abc|id)\d{0,3}"
    r"|(?:john|jane|joe)[-_.]?(?:doe|smith|q)|j[-_.]?doe|.*(?:your|first|last|full|company|user)[-_.]?(?:name|e?mail"
    r"|address).*"
    r"|first[-_.]?last|alice|bob|you|me|git"
)
_TLDS: Final = frozenset(
    re.findall(
        r"\S+",
        "com org net edu gov mil int info biz name pro mobi app dev io ai co me tv cc ws online site store shop "
        "tech xyz club top live news blog cloud agency digital email studio design media world life today company "
        "group team center guru expert services solutions network systems software academy institute foundation "
        "school university college health care bank finance capital law legal consulting engineering science "
        "museum coop aero jobs travel tel asia cat post arpa london berlin paris nyc tokyo wien hamburg koeln "
        "moscow swiss space website page link art games house work zone global international plus one kiwi ac ad "
        "ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc "
        "cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo "
        "fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it "
        "je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm "
        "mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn "
        "pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf "
        "tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw рф укр ",
    )
)
"""The top-level domains of countries and those in common use: `x@y.T` in a program is no address."""


_IN_A_URL: Final = re.compile(r"://[^\s/@]*$")


def _is_address(found: re.Match[str]) -> bool:
    local, _, domain = found[0].rpartition("@")
    last = domain.rpartition(".")[2].lower()
    if last not in _TLDS and not last.startswith("xn--"):
        return False
    if not local[0].isalnum() or ".." in local or local.endswith("."):
        return False
    if found.string[found.end() : found.end() + 2].startswith((":/", "(")) or _IN_A_URL.search(before(found, 80)):
        return False  # a repository, a call of a method; who logs in, and the password
    return not (_RESERVED.fullmatch(domain) or _PLACEHOLDER.fullmatch(local))


EMAIL: Final = Kind(
    "email",
    "e-mail",
    re.compile(r"(?:(?<![\w.+%\\-])|(?<=\\[nrt])|(?<=\\)(?![nrt]))[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    _is_address,
    hint="@",
    mark="@",
    words=("@",),
)

_VERSIONED: Final = re.compile(
    r"(?i)(?:\b(?:version|release|build|ver|v|firmware|section|chapter|oid|rev)\.?:?\s?|[\w=<>~^]/|[=<>~^]=)$"
)
_IN_A_WORD: Final = re.compile(r"[\w.-]$|\w:$")
_GOES_ON: Final = re.compile(r"[\w-]|\.\w")
_RESOLVERS: Final = frozenset(
    re.findall(
        r"\S+",
        "1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 4.2.2.1 4.2.2.2 "
        "64.6.64.6 94.140.14.14 123.45.67.89 12.34.56.78 98.76.54.32 ",
    )
)
"""Public name servers, which are nobody's, and addresses that count up or down."""


def _is_public(found: re.Match[str]) -> bool:
    if _IN_A_WORD.search(before(found, 2)) or _GOES_ON.match(found.string, found.end()):
        return False
    try:
        address = ipaddress.ip_address(found[0])
    except ValueError:
        return False
    if not address.is_global or address.is_multicast:
        return False  # private, loopback, and kept for documentation (RFC 5737, 3849)
    if address.version == 6:
        return int(address) >> 125 == 1  # 2000::/3 is all that has been given out
    octets = found[0].split(".")
    if found[0] in _RESOLVERS or octets[3] == "0" or all(len(octet) == 1 for octet in octets):
        return False  # a network, or the number of a section or a version
    return not _VERSIONED.search(before(found, 12)) and len(set(octets)) > 1


IP: Final = Kind(
    "ip",
    "ip",
    # what is given out of version 6 begins with 2 or 3
    re.compile(r"[0-9](?:[0-9]{0,2}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,3}(?::[0-9A-Fa-f]{0,4}){2,7})"),
    _is_public,
    hint=r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[23][0-9A-Fa-f]{0,3}:[0-9A-Fa-f]{0,4}:",
)
