"""What of personal data and secrets is found: recall and precision by kind, on presidio's small set and on made texts.

python -m benchmarks.personal          write results/personal.json; needs faker (pip install faker) for the made texts

Beside presidio-analyzer on the same texts, counted the same way: with its defaults, and told which countries they are
from.

The made texts are sentences of several languages around values of Faker's locales and of generators of our own (keys),
and as many sentences around what only looks like one: dates, versions, orders, sums, ISBNs, coordinates, and the
addresses and numbers that are kept for documentation. A hit counts where it covers the value, whole or but for an
extension; every other hit of a kind that does not touch a value of that kind is wrong.
"""

from __future__ import annotations

import json
import os
import random
import re
import string
import subprocess
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.environments import REQUIREMENTS, install, python_of, runner_of
from tamis.sensitive import PERSONAL, SECRETS, find

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("TAMIS_DATA", ROOT.parent / "shared" / "data"))
PRESIDIO = "noise/microsoft_presidio-research--generated_small.json"
SEED, EACH = 7, 300
SLACK, WIDEST = 6, 10**6
"""Characters of a made value that a hit may miss; in presidio's set, whose spans are looser, touching is enough."""

Hit = tuple[int, int, str]
Finder = Callable[[list[str]], list[list[Hit]]]
LOCALES = re.findall(
    "[a-z]+_[A-Z]+",
    "en_US en_GB en_CA en_AU en_IE en_NZ en_IN de_DE de_AT de_CH fr_FR fr_CH fr_CA es_ES es_MX it_IT nl_NL "
    "nl_BE pt_PT pt_BR pl_PL cs_CZ sv_SE no_NO da_DK fi_FI tr_TR ru_RU uk_UA zh_CN ja_JP ko_KR ",
)
IBAN_LOCALES = ("de_DE", "en_GB", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "pt_PT", "de_AT", "de_CH")
ENTITIES = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
}
AROUND: dict[str, tuple[str, ...]] = {
    "email": (
        "Please write to {} before "
        "Friday.", "Contact: {}", "Schreib bitte an {}, "
        "danke.", "<{}>", "user,mail\nann,{}\n",
        "Mi correo es {}.", "Envoyez-le à {} svp", "email={}&x=1", '{{"email": "{}"}}', "请发邮件到{}。",
    ),
    "phone": (
        "Call me at {} after six.", "Phone: {}", "My number is {}.", "Tel. {}", "Telefon: {}", "Mon téléphone : {}",
        "Mi teléfono es "
        "{}", "Mobile: {}", '{{"phone": '
                                           '"{}"}}', "You can reach us on {}, any "
        "time.", "Fax: {}", "我的电话：{}",
    ),
    "card": (
        "Please block card {} today.", "Card number: {}", "Meine Karte {} ist weg.", "I paid with {} (Visa).",
        "Ma carte est {}.", '{{"card": "{}"}}', "Card {} expires 09/27.",
    ),
    "iban": (
        "Send it to {} please.", "IBAN: {}", "Bitte auf {} überweisen.", "Mon compte : {}", "IBAN {}, BIC COBADEFFXXX",
        '{{"iban": "{}"}}',
    ),
    "ip": (
        "Blocked {} for "
        "spam.", "Login from {} at "
                                "12:30", "{} - - [10/Oct/2023:13:55:36] GET "
                                                          "/", "IP: {}", "http://{}/index",
        '{{"client_ip": "{}"}}', "ping {}", "host {}:8080 is down",
    ),
    "secret": (
        'api_key = "{}"', "export TOKEN={}", "The key {} stopped "
                                             "working.", "Authorization: Bearer "
        "{}", '{{"token": '
        '"{}"}}',
        "client = Client(api_key='{}')", "secret_key: {}",
    ),
}  # fmt: skip


def _letters(draw: random.Random, count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(draw.choices(alphabet, k=count))


def _keys(draw: random.Random) -> dict[str, Callable[[], str]]:
    """Keys drawn by lot in the formats that their makers document."""
    upper, hexadecimal = string.ascii_uppercase + "234567", "0123456789abcdef"
    web = string.ascii_letters + string.digits + "_-"
    return {
        "aws": lambda: "AKIA" + _letters(draw, 16, upper),
        "github": lambda: draw.choice(["ghp_", "gho_", "ghs_"]) + _letters(draw, 36),
        "gitlab": lambda: "glpat-" + _letters(draw, 20, web),
        "slack": lambda: (
            f"xoxb-{_letters(draw, 12, string.digits)}-{_letters(draw, 12, string.digits)}-{_letters(draw, 24)}"
        ),
        "google": lambda: "AIza" + _letters(draw, 35, web),
        "openai": lambda: f"sk-proj-{_letters(draw, 40)}T3BlbkFJ{_letters(draw, 40)}",
        "anthropic": lambda: f"sk-ant-api03-{_letters(draw, 93, web)}AA",
        "hugging face": lambda: "hf_" + _letters(draw, 34, string.ascii_letters),
        "stripe": lambda: "sk_live_" + _letters(draw, 24),
        "twilio": lambda: "SK" + _letters(draw, 32, hexadecimal),
        "sendgrid": lambda: f"SG.{_letters(draw, 22, web)}.{_letters(draw, 43, web)}",
        "npm": lambda: "npm_" + _letters(draw, 36),
        "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + _letters(draw, 60, web),
        "web token": lambda: f"eyJ{_letters(draw, 33)}.eyJ{_letters(draw, 60)}.{_letters(draw, 43, web)}",
    }


def made_values() -> dict[str, list[str]]:
    """`EACH` values a kind, the same every time."""
    from faker import Faker

    fakes = {name: Faker(name) for name in LOCALES}
    draw = random.Random(SEED)
    Faker.seed(SEED)
    names = [draw.choice(LOCALES) for _ in range(EACH)]
    keys = list(_keys(draw).values())
    return {
        "email": [draw.choice([fakes[n].free_email, fakes[n].company_email])() for n in names],
        # Faker's British numbers are those that Ofcom keeps for drama, which are nobody's
        "phone": [fakes["en_IE" if n == "en_GB" else n].phone_number() for n in names],
        "card": [_spaced(fakes["en_US"].credit_card_number(), draw) for _ in names],
        "iban": [_grouped(fakes[draw.choice(IBAN_LOCALES)].iban(), draw) for _ in names],
        "ip": [fakes["en_US"].ipv4_public() for _ in names],
        "secret": [keys[i % len(keys)]() for i in range(EACH)],
    }  # fmt: skip


def _spaced(digits: str, draw: random.Random) -> str:
    gap = draw.choice(["", "", " ", "-"])
    size = (4, 6, 5) if len(digits) == 15 else (4, 6, 4) if len(digits) == 14 else (4, 4, 4, 4, 4)
    parts, at = [], 0
    for width in size:
        parts.append(digits[at : at + width])
        at += width
    return gap.join(part for part in parts if part)


def _grouped(number: str, draw: random.Random) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4)) if draw.random() < 0.5 else number


def look_alikes() -> list[str]:
    """Texts that hold none of it, `EACH` of each sort: what rules stumble over."""
    draw = random.Random(SEED + 1)

    def number(count: int) -> str:
        return str(draw.randint(1, 9)) + _letters(draw, count - 1, string.digits)

    one, many = draw.randint, number
    makers: list[Callable[[], str]] = [
        lambda: f"Due on {one(1990, 2030)}-{one(1, 12):02}-{one(1, 28):02} {one(0, 23):02}:30:15.",
        lambda: f"Version {one(1, 20)}.{one(0, 30)}.{one(0, 99)}.{one(0, 200)} is out.",
        lambda: f"Your order {many(one(8, 15))} has been shipped.",
        lambda: f"{many(4)} + {many(5)} - {many(4)} = {many(6)}, and {many(3)} * {many(4)}.",
        lambda: f"ISBN 978-{one(0, 9)}-{many(3)}-{many(5)}-{one(0, 9)}",
        lambda: f"It lies at {draw.uniform(-90, 90):.6f}, {draw.uniform(-180, 180):.6f}.",
        lambda: f"It lasted from {one(1000, 1500)}-{one(1501, 1990)} or so.",
        lambda: f"Commit {_letters(draw, 40, '0123456789abcdef')} fixed it.",
        lambda: f"id: {uuid.UUID(int=draw.getrandbits(128))}",
        lambda: 'api_key = "your_api_key_here"',
        lambda: f"@decorator{one(1, 9)}\ndef f(x): return x@y.T + {many(9)}",
        lambda: f"timestamp {one(1_500_000_000, 1_800_000_000)}{many(3)}",
        lambda: f"pi is about 3.{many(one(12, 20))}",
        lambda: f"The population was {one(1, 99)},{many(3)},{many(3)} in {one(1900, 2020)}.",
        lambda: "password = input('Password: ')",
        lambda: f"{many(3)} {many(3)} {many(4)} are three numbers.",
    ]
    return [make() for make in makers for _ in range(EACH)]


def reserved() -> list[str]:
    """Texts around addresses and numbers that are nobody's: private, or kept for documentation and fiction."""
    draw = random.Random(SEED + 3)
    one = draw.randint
    makers: list[Callable[[], str]] = [
        lambda: f"Write to {draw.choice(['info', 'jo', 'ann.b'])}@example.{draw.choice(['com', 'org', 'net'])}.",
        lambda: f"The router is 192.168.{one(0, 255)}.{one(1, 254)} or 10.0.{one(0, 9)}.{one(1, 254)}.",
        lambda: f"See 203.0.113.{one(1, 254)} in the manual.",
        lambda: f"In the film they dial (212) 555-01{one(0, 99):02}.",
    ]
    return [make() for make in makers for _ in range(EACH)]


@dataclass(frozen=True)
class Marked:
    """A text and the values in it: start, stop and kind of each."""

    text: str
    values: tuple[Hit, ...]


def ours(texts: list[str]) -> list[list[Hit]]:
    """The spans of each text, all secrets as one kind."""
    secret = {kind.name for kind in SECRETS}
    return [[(*span, "secret" if kind.name in secret else kind.name) for span, kind in find(text)] for text in texts]


def presidio(texts: list[str], *regions: str) -> list[list[Hit]]:
    """What presidio-analyzer finds, which has no kind for keys."""
    command = [str(python_of("presidio")), str(runner_of("presidio")), *([",".join(regions)] if regions else [])]
    ran = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    return [[(start, stop, kind) for start, stop, kind in hits] for hits in json.loads(ran.stdout)]


def made_texts() -> list[Marked]:
    """A sentence around each made value."""
    draw = random.Random(SEED + 2)
    marked = []
    for kind, values in made_values().items():
        for value in values:
            text = draw.choice(AROUND[kind]).format(value)
            start = text.index(value)
            marked.append(Marked(text, ((start, start + len(value), kind),)))
    return marked


def presidio_texts() -> list[Marked]:
    """Presidio's small set."""
    return [
        Marked(
            row["full_text"],
            tuple(
                (span["start_position"], span["end_position"], ENTITIES[span["entity_type"]])
                for span in row["spans"]
                if span["entity_type"] in ENTITIES
            ),
        )
        for row in json.loads((DATA / PRESIDIO).read_text("utf-8"))
    ]


def counted(finder: Finder, marked: list[Marked], slack: int) -> dict[str, Counter[str]]:
    """By kind: values, values found, other hits; a hit may miss `slack` characters of a value at either end."""
    counts = {kind: Counter(values=0, found=0, wrong=0) for kind in AROUND}
    for one, hits in zip(marked, finder([each.text for each in marked]), strict=True):
        for start, stop, kind in one.values:
            least = max(start + 1, stop - slack)
            counts[kind]["values"] += 1
            latest = min(stop - 1, start + slack)
            counts[kind]["found"] += any(k == kind and a <= latest and b >= least for a, b, k in hits)
        for a, b, kind in hits:
            counts[kind]["wrong"] += not any(k == kind and start < b and a < stop for start, stop, k in one.values)
    return counts


def measured(finder: Finder) -> dict[str, dict[str, dict[str, int]]]:
    """What a finder finds on both sets, and how often it takes the look-alikes and the reserved for real."""
    made, small = counted(finder, made_texts(), SLACK), counted(finder, presidio_texts(), WIDEST)
    for name, texts in (("wrong", look_alikes()), ("reserved", reserved())):
        for kind, counts in counted(finder, [Marked(text, ()) for text in texts], SLACK).items():
            made[kind][name] += counts["wrong"]
    return {"made": {k: dict(v) for k, v in made.items()}, "presidio": {k: dict(v) for k, v in small.items()}}


def main() -> None:
    """Measure both sets and write the results."""
    install("presidio")
    countries = sorted({locale[-2:] for locale in LOCALES})
    results = {
        "faker": version("faker"),
        "seed": SEED,
        "locales": len(LOCALES),
        "kinds": [kind.name for kind in (*PERSONAL, *SECRETS)],
        "look_alikes": len(look_alikes()),
        "reserved": len(reserved()),
        "peer": (REQUIREMENTS / "presidio.txt").read_text("utf-8").strip().replace("==", " "),
        "tools": {
            "tamis": measured(ours),
            "presidio": measured(presidio),
            "presidio, told the countries": measured(lambda texts: presidio(texts, *countries)),
        },
    }
    path = ROOT / "benchmarks" / "results" / "personal.json"
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
