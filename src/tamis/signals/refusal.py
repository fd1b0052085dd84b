"""Answers that decline, and answers that speak of themselves as a program."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from tamis.inputs import FIVE_LANGUAGES, Texts
from tamis.patterns import quick
from tamis.registry import Span, first_match, signal

# English

_MODEL: Final = r"(?:\w+[ -]){0,4}?(?:ai|artificial intelligence|language model|assistant|chatbot|bot)"
_SORRY: Final = (
    r"(?:(?:oh|well|hello|hi|hey|no|ah)[,.! ]+)?"
    r"(?:i(?:['’]m| am)(?: (?:so|very|truly|really|deeply|terribly))? sorry|sorry|apologies|my apologies"
    r"|i (?:sincerely |deeply |do )?apologi[sz]e|unfortunately|regrettably|thank you"
    r"|i (?:completely |fully )?understand|i appreciate"
    rf"|as an? {_MODEL}|i(?:['’]m| am) (?:just |only )?an? {_MODEL})"
    r"\b[^!?\n]{0,160}?\b(?:i|and)"
)
_UNABLE: Final = (
    r"(?: cannot| can['’]t| can not| won['’]t| will not| am unable to| am not able to"
    r"|['’]m unable to|['’]m not able to)"
)
_ADVERB: Final = (
    r"(?: (?:in good conscience|ethically|legally|really|directly|currently|actually|simply|just|also),?){0,2}"
)
_VERB: Final = (
    r" (?:assist|help (?:you|with)|provide|fulfil|comply|answer|create|generate|compose|produce|offer|share"
    r"|discuss|respond|engage|participate|support|condone|promote|recommend|advise|browse|access|satisfy"
    r"|complete (?:this|that|your)|do (?:that|this)|write|give (?:you|advice|out|any|medical|legal|financial)"
    r"|make (?:jokes|fun|this|that)|tell (?:you|jokes)|perform|accommodate|facilitate"
    r"|encourage|endorse|grant|speculate)"
)
_NOT_WILLING: Final = (
    r"(?: do not| don['’]t)(?: currently| actually| really)? (?:have (?:the (?:ability|capability|capacity)|access to)"
    r"|feel comfortable|condone)"
    r"|i?(?: am|['’]m) not (?:comfortable|programmed|designed|allowed|permitted|capable|authori[sz]ed)"
    r"|(?: must| have to| will have to|['’]ll have to| need to)(?: respectfully| politely)? (?:decline|refuse)"
)
_ENGLISH: Final = (
    rf"{_SORRY}(?:{_UNABLE}\b{_ADVERB}(?:{_VERB}\b| \w+)|{_NOT_WILLING})"
    rf"|i(?:{_UNABLE}{_ADVERB}{_VERB}|{_NOT_WILLING})"
    r"|it(?:['’]s| is| would be) (?:not appropriate|inappropriate|unethical|not ethical)[^.!?\n]{0,60} (?:for me )?to "
)

# The four others. Each: an apology and then "I cannot" with a verb of helping, or the latter alone.

_KI: Final = r"eine? (?:\w+[ -]){0,3}?(?:ki|k[üu]nstliche intelligenz|sprachmodell|assistent\w*|chatbot)[\w-]*"
_GERMAN_CANNOT: Final = (
    r"(?:(?:ich )?(?:kann|darf|werde|möchte|könnte)(?: ich)?\b[^.!?\n]{0,60}? (?:nicht|keine?[nmrs]?)\b[^.!?\n]{0,80}?"
    r" ?(?:helfen|weiterhelfen|unterstützen|behilflich|beantworten|geben|anbieten|bereitstellen|erstellen|schreiben"
    r"|verfassen|generieren|erfüllen|nachkommen|durchführen|ausführen|zugreifen|teilen|diskutieren|empfehlen|liefern"
    r"|erzählen|unterbreiten|befürworten|fördern)\b"
    r"|(?:ich )?bin(?: ich)? (?:\w+ ){0,2}nicht (?:in der lage|befugt|berechtigt|dafür ausgelegt|darauf programmiert)"
    r"|(?:es )?ist (?:es )?mir (?:\w+ ){0,2}nicht (?:möglich|erlaubt|gestattet)"
    r"|(?:ich )?muss(?: ich)? (?:[\wß]+ ){0,4}ablehnen|(?:ich )?habe(?: ich)? (?:\w+ )?keinen zugriff)"
)
_GERMAN: Final = (
    r"(?:(?:(?:es )?tut mir (?:\w+ )?leid|entschuldig\w*|verzeihung|leider|bedauerlicherweise|ich bedau(?:er|r)e"
    rf"|ich verstehe|als (?:{_KI}|ki\b|sprachmodell)|ich bin (?:nur |lediglich )?{_KI})\b[^!?\n]{{0,120}}?\b"
    rf"{_GERMAN_CANNOT}|ich {_GERMAN_CANNOT.replace('(?:ich )?', '')})"
)
_IA: Final = (
    r"(?:une? )?(?:[\w’']+[ -]){0,3}?(?:ia\b|intelligence artificielle|modèle de lang\w+|assistante?\b|chatbot)"
)
_FRENCH_CANNOT: Final = (
    r"je (?:(?:ne |n['’])?(?:peux|puis|saurais|pourrai|vais)(?: \w+)? ?(?:pas|point)?(?: (?:vous|t['’]|te|y|le|la"
    r"|les|en))"
    r"{0,2} ?(?:aider|assister|répondre|fournir|donner|créer|écrire|rédiger|générer|accéder|satisfaire|participer"
    r"|proposer|partager|discuter|recommander|encourager|effectuer|accomplir|produire|conseiller|faire (?:cela|ça))\b"
    r"|ne suis (?:malheureusement )?pas (?:en mesure|capable|autorisée?|programmée?|habilitée?|conçue?|à l['’]aise)"
    r"|(?:dois|me dois de) (?:\w+ )?(?:refuser|décliner)|refuse d|n['’]ai pas (?:accès|la capacité|la possibilité))"
    r"|il m['’]est (?:\w+ )?(?:impossible|interdit)"
)
_FRENCH: Final = (
    r"(?:(?:je suis (?:\w+ )?désolée?|désolée?|je m['’]excuse|je regrette|(?:toutes )?mes excuses|malheureusement"
    rf"|je comprends|en tant qu(?:e |['’]){_IA}|je (?:ne )?suis (?:qu['’]|seulement |juste )?{_IA})[^!?\n]{{0,120}}?"
    rf"[ ,'’](?:{_FRENCH_CANNOT})|{_FRENCH_CANNOT})"
)
_MODELO: Final = r"(?:una? )?(?:\w+[ -]){0,3}?(?:ia\b|inteligencia artificial|modelo de lenguaje|asistente|chatbot)"
_SPANISH_CANNOT: Final = (
    r"(?:no (?:(?:te|le|les|os|lo|la|me) )?(?:puedo|podré|podría|voy a) (?:\w+ )?(?:ayudar|asistir|proporcionar"
    r"|responder|brindar|ofrecer|cumplir|crear|escribir|redactar|generar|dar(?:te|le|les)?\b|acceder|realizar"
    r"|participar|compartir"
    r"|recomendar|contestar|navegar|discutir|apoyar|hacer (?:eso|esto))"
    r"|no (?:estoy|soy) (?:en condiciones|capaz|autorizad[oa]|programad[oa]|diseñad[oa]|capacitad[oa])"
    r"|no tengo (?:acceso|la capacidad|la posibilidad)|(?:debo|tengo que) (?:\w+ )?(?:rechazar|declinar|negarme)"
    r"|me niego|me (?:es|resulta) imposible)"
)
_SPANISH: Final = (
    r"(?:(?:lo siento|lo lamento|lamento|perdón|disculp[ae]\w*|mis disculpas|me disculpo|desafortunadamente"
    rf"|lamentablemente|por desgracia|entiendo|como {_MODELO}|(?:yo )?soy (?:sol[oa] |sólo |simplemente )?{_MODELO})"
    rf"[^!?\n]{{0,120}}?\b{_SPANISH_CANNOT}|{_SPANISH_CANNOT})"
)
_AI_ZH: Final = r"(?:一个|一個|一名|一款|一种)?[^，。,\n]{0,12}?(?:人工智[能慧]|AI|[语語]言模型)"
_CHINESE_CANNOT: Final = r"(?:[无無]法|不能|不可以|不[会會]|[没沒]有?[办辦]法|[没沒]有能力|不便)"
_CHINESE_VERB: Final = (
    r"[^。！？，,\n]{0,14}?(?:提供|[帮幫]|[协協]助|回答|[满滿]足|完成|[执執]行|生成"
    r"|[创創]作|[编編]?[写寫]|[给給]出|[访訪][问問]|[浏瀏][览覽]"
    r"|[参參][与與]|[讨討][论論]|支持|推[荐薦]|[预預][测測]|[处處]理|分享|透露|[评評][论論])"
)
_CHINESE: Final = (
    r"(?:我?(?:很|非常|十分|真的)?(?:抱歉|[对對]不起|不好意思|[遗遺]憾)[^。！？\n]{0,30}?"
    r"(?:[，,。 ]|我)[^。！？，,您你\n]{0,8}?"
    rf"{_CHINESE_CANNOT}|(?:(?:由于|由於|因[为為])?我(?:只)?是|作[为為]){_AI_ZH}[^。！？\n]{{0,20}}?我?[^。！？，,您你\n]{{0,6}}?"
    rf"{_CHINESE_CANNOT}|我[^。！？，,您你\n]{{0,6}}?{_CHINESE_CANNOT}{_CHINESE_VERB})"
)
REFUSAL: Final = rf"(?i)^[\s\"'“„«*¡]*(?:{_ENGLISH}|{_GERMAN}|{_FRENCH}|{_SPANISH}|{_CHINESE})"
"""The opening of an answer that declines; searched in the first characters only."""
_FIRST_WORD: Final = (  # a small pattern that every match of the large one begins with, so that few texts meet that
    r"(?i)^[\s\"'“„«*¡]*(?:oh|well|hello|hi|hey|no|ah|i|sorry|apolog|my apol|unfort|regrett|thank|as an?|es tut|tut"
    r"|entschuld|verzeih"
    r"|leider|bedauer|als|je|désol|toutes|mes|malheur|en tant|lo |lament|perd|discul|mis |me |desafor|por des"
    r"|entiendo|como|yo|soy"
    r"|debo|tengo|我|很|非常|十分|真的|抱歉|[对對]不|不好|[遗遺]憾|作|由|因)"
)

# A rebuke in place of an answer, in English

_START: Final = r"(?i)^[\s\"'“*]*[^\n]{0,180}?\b"
REBUKE: Final = (
    rf"{_START}(?:(?:is|are|be) (?:\w+,? ){{0,3}}(?:illegal|unethical|immoral|inappropriate)\b"
    r"|(?:is|are|was|were|be)(?: not|n['’]t)(?: \w+){0,3} (?:ethical|appropriate|acceptable|justifi\w+|moral"
    r"|a good thing)\b"
    r"|never(?: \w+){0,2} (?:acceptable|appropriate|justifi\w+|ethical|okay)\b|violation of"
    r"|(?:criminal act|serious crime) (?:and|that)|not possible and should not)"
)
_SERMON: Final = (
    r"(?i)it(?:['’]s| is)(?: also)? (?:important|crucial|essential|vital|always best) (?:to (?:always|remember|treat"
    r"|respect|prioriti[sz]e|promote|consider|seek|recogni[sz]e|act|approach|uphold|avoid|note|ensure)|that)"
    r"|(?:instead|let['’]s)\b|professional help"
)
LOADED: Final = (
    rf"{_START}(?:should(?: not| never|n['’]t) be (?:denied|discriminated|excluded|judged|barred|singled|treated)"
    r"|no (?:\w+ )?(?:reason why|benefits? to)\b|have every right|(?:equal|same) (?:rights?|opportunities|access)\b"
    r"|no one should)"
)
_EQUALITY: Final = (
    r"(?i)human right|dignity|equality|(?:treated|all individuals?) fairly|inclusi(?:vity|on|ve)"
    r"|discriminat(?:ory|ion)|regardless of (?:their|one['’]s)|prejudice"
)
CONCERN: Final = (
    r"(?i)^[\s\"'“*]*i(?:['’]m| am)(?: so| very| really| deeply| truly)? sorry (?:to hear )?that you(?:['’]re| are) "
    r"(?:going through|feeling|struggling)"
)
_ASKS_HOW: Final = (
    r"(?i)^\W*(?:how (?:do|can|could|should|would|to|might)\b|where\b|when should"
    r"|why (?:should|is it|was|were|are|do|must)\b|(?:can|could) you (?:explain|tell me) (?:why|how)|should (?:i|we)\b"
    r"|(?:what|which)(?:['’]s| is| are| were| steps| can| weapons?| kind| sort| methods?)?(?: the| a| an| some| my)?"
    r"(?: \w+){0,3} (?:ways?|steps?|strategy|place|spot|weapons?|bombs?|benefits?|methods?|tips|i do|time|i use)\b)"
)
_GOES_ON: Final = r"(?i)\n ?(?:1[.)]|[-*•])|however, (?:if|here)|\bhere are|https?:"
_SERMON_LENGTH: Final = 1000

# An answer that speaks of itself

_CALLED_AI: Final = r"(?:\w+[ -]){0,4}?(?:ai|artificial intelligence|language model)\b"
_SELF_ENGLISH: Final = quick(rf"(?i)\b(?:as|i am|i['’]m|being)(?: just| only| merely| simply)? an? {_CALLED_AI}")
_SELF_OTHERS: Final = quick(
    r"(?i)\bals (?:eine? )?(?:\w+[ -]){0,3}?(?:ki|künstliche intelligenz"
    r"|sprachmodell)(?:-\w+)*\b,? (?:\w+,? ){0,2}ich\b"
    r"|\bich bin (?:nur |lediglich )?eine? (?:\w+[ -]){0,3}?(?:ki|künstliche intelligenz|sprachmodell)(?:-\w+)*\b"
    r"|\ben tant qu(?:e |['’])(?:une? )?(?:\w+[ -]){0,3}?(?:ia|intelligence artificielle|modèle de langage)\b"
    r"[^.\n]{0,40}?\bj(?:e\b|['’])"
    r"|\bje (?:ne )?suis (?:qu['’])?une? (?:\w+[ -]){0,3}?(?:ia|intelligence artificielle|modèle de langage)\b"
    r"|\b(?:como|soy|al ser)(?: sol[oa]| sólo| simplemente)? una? (?:\w+[ -]){0,3}?"
    r"(?:ia|inteligencia artificial|modelo de lenguaje)\b"
    rf"|作[为為]{_AI_ZH}[^，。,\n]{{0,8}}[，, ]*我|我(?:只)?是{_AI_ZH}"
)
AI_SELF_REFERENCE: Final = f"{_SELF_ENGLISH}|{_SELF_OTHERS.removeprefix('(?i)')}"
# literals alone, which are searched for many times faster than classes
_HINT_ENGLISH: Final = (
    r"AI|A\.I| ai |-ai |\"ai |'ai | ai,| ai\.| ai-|rtificial intelligence"
    r"|rtificial Intelligence|anguage model|anguage Model"
)
_HINT_OTHERS: Final = (
    r"KI|Als ki|als ki|eine ki|Intelligenz|prachmodell|IA|une ia|una ia|ntelligence artificielle|odèle de lang"
    r"|nteligencia artificial|odelo de lenguaje|我是|我只是|作为|作為"
)


def _opening(text: str) -> Span | None:
    """The span of the words that decline or rebuke."""
    found = (re.search(pattern, text) for pattern in (REFUSAL, REBUKE, LOADED, CONCERN))
    return next((match.span() for match in found if match), None)


@signal(
    unit="flag",
    source="modelbrew-cleaner's and open-instruct's lists; checked on XSTest (Röttger et al. 2024)",
    reduce="any",
    locate=_opening,
    language=FIVE_LANGUAGES,
)
def refusal(responses: Texts, questions: Texts) -> pl.Series:
    """Whether an answer opens by declining, in whole or in part; null in other languages than the five it reads.

    Only the opening counts: an apology or an "as an AI" followed, within 160 characters of the same or the
    next sentence, by an "I cannot"; or an "I cannot" with a verb of helping. In English also a rebuke in place
    of an answer: the question asks how, where or why, the opening calls something illegal, unethical or never
    acceptable, moral advice follows within 1,000 characters, and no list. A refused toxic request is good
    data, so no recipe drops a row for it.

    False positives: a hedge before a full answer ("As an AI I don't have access to ..., but"), a fictional
    character who declines, a shop's agent who declines by policy.

    >>> replies = pl.Series(["I'm sorry, but I can't help with that.", "Lo siento, no puedo ayudarte.", "I'm sorry!"])
    >>> replies.str.contains(REFUSAL).to_list()
    [True, True, False]
    """
    # polars would compile the large pattern for every batch, for 40 ms; re keeps it, and few texts are left to read
    likely = responses.text.str.contains(_FIRST_WORD)
    declines = responses.judged(likely, lambda text: re.match(REFUSAL, text) is not None).cast(pl.Boolean)
    asked = questions.text.str.contains(_ASKS_HOW).arg_true()
    answers = responses.text.gather(asked).str.slice(0, _SERMON_LENGTH)
    return responses.if_spoken(declines.scatter(asked, declines.gather(asked) | _rebukes(answers)))


def _rebukes(answers: pl.Series) -> pl.Series:
    """Which of the answers to a question that asks how or why condemn it and tell no more."""
    sermon, equality = answers.str.contains(_SERMON), answers.str.contains(_EQUALITY)
    rebukes = answers.str.contains(CONCERN)
    brief = ~answers.str.contains(_GOES_ON)
    moral = ((sermon | equality) & brief & ~rebukes).arg_true()  # few: the patterns of the openings are slow
    condemns = [
        (preaches and re.match(REBUKE, text) is not None) or (levels and re.match(LOADED, text) is not None)
        for text, preaches, levels in zip(
            answers.gather(moral), sermon.gather(moral), equality.gather(moral), strict=True
        )
    ]
    return (rebukes & brief).scatter(moral, condemns)


@signal(
    unit="flag",
    source="FastChat; WizardLM issue 4; Vicuna cleaners",
    reduce="any",
    locate=first_match(AI_SELF_REFERENCE),
    language=FIVE_LANGUAGES,
)
def ai_self_reference(responses: Texts) -> pl.Series:
    """Whether an answer calls its author an AI or a language model; null in languages it does not read.

    "As an AI language model", "I'm an AI assistant", anywhere in the answer. Apart from `refusal`: many go
    on to answer.

    False positives: the part of a robot in a story, a person who works "as an AI engineer".
    """
    english = responses.matches(_SELF_ENGLISH, hint=_HINT_ENGLISH)
    return responses.if_spoken(english | responses.matches(_SELF_OTHERS, hint=_HINT_OTHERS))
