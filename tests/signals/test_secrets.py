"""Keys, tokens and passwords: what is counted and where it stands."""

from __future__ import annotations

import pytest

from tamis.masking import mask
from tamis.sensitive import SECRETS, find
from tests.signals.chats import of_answer

LONG = "x9Kq2mLw7RzT4vBn8YpAx9Kq2mLw7RzT4vBn"
KEYS = {
    "AWS": "AKIAQ3EGUMXW7Z2LTR5B",
    "GitHub": "ghp_9aK2mQx7Lr4TzV1bWc8Ny5Pd3Fs6Gh0Je2Ru",
    "GitLab": "glpat-x9Kq2mLw7RzT4vBn8YpA",
    "Slack": "xoxb-263594206564-263594206564-FGqddMF8t08v8N7Oq4i57vs1",
    "Google": "AIzaSyB9Kq2mLw7RzT4vBn8YpAx9Kq2mLw7RzT4",
    "OpenAI": f"sk-proj-{LONG}T3BlbkFJ{LONG}",
    "Anthropic": f"sk-ant-api03-{LONG}{LONG}AA",
    "Hugging Face": "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",
    "Stripe": "sk_live_9Kq2mLw7RzT4vBn8YpAx9Kq2",
    "SendGrid": f"SG.x9Kq2mLw7RzT4vBn8YpAbc.{LONG}Ab",
    "npm": f"npm_{LONG}",
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{LONG}",
    "web token": f"eyJhbGciOiJSUzI1NiJ9x8.eyJpc3MiOiJodHRwczovL2t.{LONG}",
    "Twilio": "SK3f9a1c7e5b2d8046f1a9c3e7b5d20864",
}
ASSIGNED = {
    'api_key = "f8G2kd91LmQz77pXw0aB"': "f8G2kd91LmQz77pXw0aB",
    "SECRET_KEY: 9d8f3a7c1b5e2046d8f3a7c1b5e20461": "9d8f3a7c1b5e2046d8f3a7c1b5e20461",
    '"password": "kT9$mmQ2x"': "kT9$mmQ2x",
    "Password: kT9$mmQ2x.": "kT9$mmQ2x",
    "postgres://bob:Xk29sLq0w@db.kestrel-maps.de/x": "Xk29sLq0w",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("around", ["{}", "Use {} here.", "key='{}'", '{{"k": "\\n{}"}}', "{}\n"])
def test_a_key_of_a_known_format_is_found_wherever_it_stands(key: str, around: str) -> None:
    said = around.format(key)
    assert [said[a:b] for (a, b), _ in find(said, SECRETS)] == [key]
    assert of_answer("secrets", said) == 1
    assert key not in mask(said)


@pytest.mark.parametrize(("said", "secret"), ASSIGNED.items())
def test_what_is_assigned_is_found_without_its_name(said: str, secret: str) -> None:
    assert [said[a:b] for (a, b), _ in find(said, SECRETS)] == [secret]
    assert of_answer("secrets", said) == 1
    assert secret not in mask(said)


def test_a_private_key_is_one_span_and_an_ellipsis_is_none() -> None:
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    block = f"-----BEGIN RSA PRIVATE KEY-----\n{line}\n{line[::-1]}\n-----END RSA PRIVATE KEY-----"
    assert [span for span, _ in find(f"a\n{block}\nb", SECRETS)] == [(2, 2 + len(block))]
    assert find(block.replace(line, "...").replace(line[::-1], "..."), SECRETS) == []


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_an_example_of_a_key_is_none(key: str) -> None:
    head = key[: len(key) // 3]
    assert find(head + "X" * 40, SECRETS) == []
    assert find(key[:12] + "EXAMPLE" + key[19:], SECRETS) == [] or key.startswith("eyJ")
