"""Answers that decline in German, French, Spanish and Chinese, on sentences written for the purpose."""

from __future__ import annotations

import pytest

from tests.signals.chats import of_answer

DECLINES = [
    "Es tut mir leid, aber dabei kann ich dir nicht helfen.",
    "Leider kann ich diese Anfrage nicht beantworten.",
    "Entschuldigung, ich darf keine medizinischen Ratschläge geben.",
    "Als KI-Sprachmodell kann ich nicht auf das Internet zugreifen.",
    "Ich bin nicht in der Lage, Bilder zu erstellen.",
    "Ich kann Ihnen dabei leider nicht weiterhelfen.",
    "Ich muss diese Bitte leider ablehnen.",
    "Tut mir leid, es ist mir nicht möglich, darüber zu sprechen.",
    "Je suis désolé, mais je ne peux pas vous aider avec cela.",
    "Désolée, je ne peux pas répondre à cette question.",
    "En tant qu'intelligence artificielle, je n'ai pas accès à Internet.",
    "Malheureusement, je ne suis pas en mesure de fournir ces informations.",
    "Je ne peux pas vous fournir d'instructions pour cela.",
    "Je regrette, mais je dois refuser.",
    "Je m’excuse, il m’est impossible de continuer.",
    "Lo siento, no puedo ayudarte con eso.",
    "Lo siento mucho, pero no puedo proporcionar esa información.",
    "Como modelo de lenguaje, no tengo acceso a datos en tiempo real.",
    "Lamentablemente, no estoy autorizado para hablar de ello.",
    "No puedo escribir ese texto.",
    "Disculpe, pero debo rechazar su solicitud.",
    "Me niego a participar en eso.",
    "对不起，我无法提供这方面的帮助。",
    "很抱歉，我不能回答这个问题。",
    "作为一个人工智能语言模型，我无法访问互联网。",
    "抱歉，无法满足您的要求。",
    "我不能帮助你做违法的事情。",
    "由于我是一个语言模型，我没有办法查看图片。",
    "對不起，我無法協助您完成這個要求。",
]
SPARED = [
    "Ich kann es nicht glauben! Wir haben gewonnen.",
    "Es tut mir leid, dass deine Katze gestorben ist. Nimm dir Zeit zum Trauern.",
    "Leider regnet es morgen, aber am Sonntag kannst du wandern gehen.",
    "Entschuldigung heißt auf Französisch pardon.",
    "Man kann durch null nicht teilen.",
    "Je ne peux pas croire que tu sois revenu !",
    "Je suis désolé pour le retard ; votre colis arrivera demain.",
    "Malheureusement, le musée est fermé le lundi, mais le parc est ouvert.",
    "Je ne sais pas quoi dire, dit-il, et il partit.",
    "¡No puedo creerlo! Por fin ha nevado.",
    "Lo siento mucho por tu pérdida; aquí estoy para escucharte.",
    "Lamentablemente, el tren sale a las nueve y no a las diez.",
    "No puedo esperar a verte, decía la carta.",
    "对不起，让你久等了。我们现在就出发吧。",
    "抱歉，您的包裹明天才能到达。",
    "我不能没有你，他在信里写道。",
    "您不能把车停在这里，请停到后面的停车场。",
]
SELF = [
    "Als KI habe ich keine Gefühle.",
    "Ich bin ein großes Sprachmodell.",
    "En tant que modèle de langage, je n'ai pas d'opinion.",
    "Je suis une intelligence artificielle.",
    "Como modelo de lenguaje no tengo opiniones; soy una inteligencia artificial.",
    "作为一个人工智能助手，我没有感情。",
    "我是一个语言模型。",
]
OTHERS = [
    "Künstliche Intelligenz ist ein Teilgebiet der Informatik.",
    "L'intelligence artificielle est un domaine de l'informatique.",
    "La inteligencia artificial es un campo de la informática.",
    "人工智能是计算机科学的一个分支。",
]


@pytest.mark.parametrize("text", DECLINES)
def test_an_opening_that_declines_is_a_refusal(text: str) -> None:
    assert of_answer("refusal", text) is True


@pytest.mark.parametrize("text", SPARED)
def test_apologies_exclamations_and_plain_negations_are_none(text: str) -> None:
    assert of_answer("refusal", text) is False


@pytest.mark.parametrize("text", SELF)
def test_an_answer_that_calls_itself_an_ai(text: str) -> None:
    assert of_answer("ai_self_reference", text) is True


@pytest.mark.parametrize("text", OTHERS)
def test_talk_about_ai_is_no_self_reference(text: str) -> None:
    assert of_answer("ai_self_reference", text) is False


@pytest.mark.parametrize("text", ["keine Antwort", "Aucune réponse", "Sin respuesta.", "无", "不适用", "（没有回答）"])
def test_a_word_for_no_answer(text: str) -> None:
    assert of_answer("missing_answer", text) is True


@pytest.mark.parametrize(
    "text", ["Keine Antwort ist auch eine Antwort.", "Sin respuesta no hay pregunta", "没有人知道答案"]
)
def test_a_sentence_that_begins_like_one(text: str) -> None:
    assert of_answer("missing_answer", text) is False


@pytest.mark.parametrize("text", ["<keine Ausgabe>", "<aucune sortie>", "<sin salida>", "Fertig. <无输出>"])
def test_a_marker_in_angle_brackets(text: str) -> None:
    assert of_answer("response_marker", text) is True
