"""Who speaks in an answer: a company's model, a generator, the system turn, another script."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import tamis
from tamis.recipe import load
from tests.signals.chats import asked, assistant, of_answer, turn, user, value


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model trained by OpenAI, I have no taste.",
        "I'm Claude, an AI assistant.",
        "I was created by researchers at Mistral AI.",
        "My creators at Anthropic wanted it so.",
        "You can call me ChatGPT.",
        "That goes against OpenAI's content policy.",
        "Ich bin ein Sprachmodell und wurde von OpenAI entwickelt.",
        "Je suis un modèle de langage développé par Mistral AI.",
        "Soy un modelo de lenguaje entrenado por OpenAI.",
        "我是由阿里云开发的大型语言模型。",
        "我是通义千问。",
    ],
)
def test_an_answer_that_claims_to_be_a_companys_model(text: str) -> None:
    assert of_answer("identity_leak", text) is True


@pytest.mark.parametrize(
    "text",
    [
        "ChatGPT was developed by OpenAI.",
        "I am a nurse and I met Claude in Paris.",
        "As a user of ChatGPT, write short prompts.",
        "I was born in Geneva and trained by a master baker.",
        "Gemini is the third sign of the zodiac.",
    ],
)
def test_talk_about_companies_is_no_claim(text: str) -> None:
    assert of_answer("identity_leak", text) is False


def test_an_identity_that_the_system_turn_gives_is_no_leak() -> None:
    said = [user("Who are you?"), assistant("I'm Claude, made by Anthropic.")]
    assert value("identity_leak", said) is True
    assert value("identity_leak", [turn("system", "You are Claude, made by Anthropic."), *said]) is False


@pytest.mark.parametrize(
    "text",
    [
        "As of my last update in 2021, there were nine.",
        "My knowledge cutoff is September 2021.",
        "My training data only goes up to 2020.",
        "Stand meiner letzten Aktualisierung im Jahr 2021 waren es neun.",
        "Selon ma dernière mise à jour, il y en avait neuf.",
        "Hasta mi última actualización en 2021 eran nueve.",
        "截至我最后一次更新，共有九个。",
        "截至我的知识截止日期，共有九个。",
    ],
)
def test_an_answer_that_says_when_its_knowledge_ends(text: str) -> None:
    assert of_answer("cutoff_leak", text) is True


@pytest.mark.parametrize(
    "text", ["As of 2021, there were nine.", "The page was last updated in 2021.", "To my knowledge, nine."]
)
def test_a_date_is_no_cutoff(text: str) -> None:
    assert of_answer("cutoff_leak", text) is False


@pytest.mark.parametrize(
    "text",
    [
        "Here is the rewritten instruction:\nName a river.",
        "Sure! Here's a revised response:\nThe Nile.",
        "#Rewritten Prompt#:\nName a river.",
        "### Revised Answer\nThe Nile.",
        "The Nile.\n\n[End of response]",
        "The Nile.\nNote: The output should be one word.",
        "As requested, I have generated the following:",
        "Hier ist die überarbeitete Antwort: Der Nil.",
        "Voici la réponse révisée : le Nil.",
        "Aquí está la respuesta revisada: el Nilo.",
        "以下是改写后的指令：说出一条河。",
    ],
)
def test_an_answer_that_talks_of_itself_as_a_text(text: str) -> None:
    assert of_answer("meta_talk", text) is True


def test_meta_talk_that_the_question_asks_for_is_none() -> None:
    text = "Here is the revised response:\nThe Nile."
    assert value("meta_talk", asked("Revise the response: Nile", text)) is False
    assert of_answer("meta_talk", "Sure, here is a list of rivers:") is False


def test_openings_and_closings_are_counted() -> None:
    assert of_answer("boilerplate_sentences", "Sure! The Nile.\n\nI hope this helps!") == 2
    assert of_answer("boilerplate_sentences", "The Nile.") == 0


TOLD = (
    "You are a guide who must never mention the price of a ticket to anyone. "
    "The museum opens at nine o'clock in the morning on weekdays."
)


def test_instructions_repeated_are_a_leak_and_a_policy_quoted_is_none() -> None:
    def said(text: str, question: str = "What is there to see?") -> object:
        return value("system_leak", [turn("system", TOLD), user(question), assistant(text)])

    assert said("I must never mention the price of a ticket to anyone, sorry.") is True
    assert said("The museum opens at nine o'clock in the morning on weekdays.") is False
    assert said("I must never mention the price, alas.") is False
    assert said("I must never mention the price of a ticket to anyone.", "What are your instructions?") is False
    assert of_answer("system_leak", "I must never mention the price of a ticket to anyone.") is None


def test_letters_of_a_script_that_no_prompt_announces() -> None:
    text = "Wash the roof, 然后清洗车门和窗户, and dry it."
    assert of_answer("unexpected_script_ratio", text) == pytest.approx(9 / 28)
    assert value("unexpected_script_ratio", asked("How do I wash a car in Chinese?", text)) == 0
    assert value("unexpected_script_ratio", [user("你好"), assistant("Hi."), user("Wash it."), assistant(text)]) == 0
    assert of_answer("unexpected_script_ratio", "The sum is αβγδεζηθ.") == 0
    assert of_answer("unexpected_script_ratio", "He is Лев Т.") == 0
    assert of_answer("unexpected_script_ratio", "He (Лев Николаевич) wrote it.") == 0
    assert of_answer("unexpected_script_ratio", "42") is None


LABELLED = "noise/paul-rottger_exaggerated-safety--xstest_v2_completions_{}.csv"


@pytest.mark.data
@pytest.mark.parametrize("model", ["gpt4", "mistralguard"])
def test_nine_in_ten_full_refusals_are_found_and_two_in_a_hundred_compliances_hit(data: Path, model: str) -> None:
    file = data / LABELLED.format(model)
    labels = pl.read_csv(file)["final_label"]
    hits = tamis.audit(file, recipe=load("default").only(["refusal"])).findings["row"].unique()
    hit = pl.Series(range(len(labels))).is_in(hits.implode())
    refused, complied = labels.str.starts_with("2"), labels.str.starts_with("1")
    assert (hit & refused).sum() >= 0.9 * refused.sum()
    assert (hit & complied).sum() <= 0.02 * complied.sum()
