"""Who speaks, and in which order."""

from __future__ import annotations

import pytest

from tests.signals.chats import assistant, turn, user, value

CALL = {"tool_calls": '[{"name": "weather"}]'}


def chat(roles: str) -> list:
    """A chat from one letter a turn: s(ystem), d(eveloper), u(ser), a(ssistant), c(alling assistant), t(ool), x."""
    names = {"s": "system", "d": "developer", "u": "user", "a": "assistant", "c": "assistant", "t": "tool", "x": "bot"}
    return [turn(names[letter], **(CALL if letter == "c" else {})) for letter in roles]


@pytest.mark.parametrize(
    "roles", ["ua", "sua", "uaua", "ucta", "sdua", "ucttaua", "uacta", "ucaua", "au", "aua", "u", "", "s", "uata"]
)
def test_turns_that_alternate_are_in_order(roles: str) -> None:
    assert value("role_order_faults", chat(roles)) in (0, None)


@pytest.mark.parametrize(
    ("roles", "faults"),
    [("uua", 1), ("uaa", 1), ("uuua", 2), ("tua", 2), ("uta", 1), ("uctu", 1), ("susa", 0), ("suua", 1)],
)
def test_each_turn_out_of_order_counts(roles: str, faults: int) -> None:
    assert value("role_order_faults", chat(roles)) == faults


@pytest.mark.parametrize("roles", ["uu", "suuu", ""])
def test_prompts_without_an_answer_have_no_order(roles: str) -> None:
    assert value("role_order_faults", chat(roles)) is None


def test_a_turn_of_an_unknown_role_is_counted_once_and_not_judged_for_order() -> None:
    assert value("unknown_roles", chat("uxa")) == 1
    assert value("unknown_roles", chat("ua")) == 0
    assert value("role_order_faults", chat("uxa")) == 0


def test_rejected_answers_are_no_turns_of_the_conversation() -> None:
    preference = [user("Hi"), assistant("Hello."), assistant("Hey.", side="rejected")]
    for name in ("role_order_faults", "unknown_roles", "misplaced_systems"):
        assert value(name, preference) == 0
    assert value("turn_count", preference) == 2


@pytest.mark.parametrize(
    ("roles", "flag"), [("au", True), ("saua", True), ("ua", False), ("sua", False), ("aa", None), ("", None)]
)
def test_the_assistant_leads(roles: str, flag: bool | None) -> None:
    assert value("leading_assistant", chat(roles)) is flag


@pytest.mark.parametrize(("roles", "flag"), [("uau", True), ("ua", False), ("u", None), ("su", None), ("ucta", False)])
def test_the_user_trails(roles: str, flag: bool | None) -> None:
    assert value("trailing_user", chat(roles)) is flag


@pytest.mark.parametrize(
    ("roles", "count"),
    [("sua", 0), ("sdua", 0), ("usa", 1), ("ssua", 1), ("dsua", 1), ("suas", 1), ("ua", 0), ("duasd", 2)],
)
def test_a_system_turn_stands_first(roles: str, count: int) -> None:
    assert value("misplaced_systems", chat(roles)) == count
