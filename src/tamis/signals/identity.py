"""Answers that say which company's model wrote them, or when its knowledge ends."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tamis import tasks
from tamis.inputs import FIVE_LANGUAGES, Texts
from tamis.patterns import quick
from tamis.registry import first_match, signal

# Left out as ambiguous: Gemini, Falcon, Dolly, Phi, Kimi and "Google" or "Microsoft" without a word of making.
_MAKER: Final = (
    r"(?:Open ?AI|Anthropic|(?:Google )?Deep ?Mind|Google|Microsoft|Meta(?: AI)?|Facebook AI|Alibaba(?: Cloud)?"
    r"|DeepSeek"
    r"|Mistral(?: AI)?|LMSYS|Large Model Systems|LAION|Cohere|Technology Innovation Institute|TII|Stability ?AI"
    r"|Databricks|Baichuan"
    r"|Zhipu|01\.AI|Moonshot AI|Nous Research|xAI|MosaicML|AI21|Hugging ?Face|EleutherAI|Tencent|Baidu|Inflection)"
)
_MODEL: Final = (
    r"(?:ChatGPT|(?:Open ?AI['’]s )?(?:Chat)?GPT-?[2345o][\w.]*|Claude(?: \d)?|Google (?:Bard|Gemini)|Qwen\S*|Tongyi"
    r"|DeepSeek\S*"
    r"|LLaMA\S*|Llama[- ][23]\S*|Vicuna|Open ?Assistant|StableLM|WizardLM|Baichuan\S*|ChatGLM\S*|Mixtral\S*|Koala"
    r"|Guanaco"
    r"|InternLM|Bing Chat|Falcon-\d+\w*)"
)
_MADE: Final = r"(?:developed|created|trained|made|built|designed|powered|provided|hosted|fine-tuned)"
_THING: Final = (
    r"(?:AI|A\.I\.|artificial intelligence|assistants?|language model|LLM|models?|chat ?bot|bot|program|system)"
)
IDENTITY_LEAK: Final = quick(
    # As an AI model developed by OpenAI; I was trained by researchers at LMSYS
    rf"\b(?:[Aa]s|[Ii]['’]m|I am|[Bb]eing)(?: just"
    rf"| only)? an? (?:[\w-]+,? ){{0,6}}?{_THING}[\w ]{{0,20}}?,?(?: that (?:was|is)| which (?:was|is))?"
    rf" {_MADE} (?:and \w+ )?by (?:[a-z]+ ){{0,5}}{_MAKER}\b"
    rf"|\b(?:I was|I am|I['’]m|I['’]ve been"
    rf"|I have been) (?:[a-z]+ ){{0,2}}?{_MADE} (?:and \w+ )?by (?:[a-z]+ ){{0,5}}{_MAKER}\b"
    rf"|\b[Mm]y (?:creators?|developers?|makers?|parent company),? (?:at |is |are |from )?{_MAKER}\b"
    # I'm Claude, an AI; my name is ChatGPT; I am based on GPT-4
    rf"|\b(?:I['’]m|I am|[Cc]all me|[Mm]y name is)(?: called| named| known as)? (?:{_MODEL}(?:,| and\b|\.| ?[!:;😊]"
    rf"|$)|{_MODEL} - )"
    rf"|(?:^|[.!?\n] ?)As {_MODEL}, I\b|\bI (?:am|was|['’]m) (?:a |an )?(?:\w+ ){{0,5}}?(?:based on|powered by"
    rf"|a version of|an instance of)"
    rf" (?:the )?(?:\w+ )?(?:{_MODEL}|{_MAKER}['’]s)"
    rf"|(?:against|violat\w+|comply with|with|under|by|per) (?:the )?(?:OpenAI"
    rf"|Anthropic)['’]s (?:[\w-]+ ){{0,3}}?(?:polic(?:y|ies)|guidelines)"
    # German, French, Spanish, Chinese
    rf"|\b[Ii]ch (?:bin|wurde)\b[^.!?\n]{{0,60}}? von (?:\w+ )?{_MAKER}(?: \w+)? (?:entwickelt|trainiert|erstellt"
    rf"|geschaffen)"
    rf"|\b[Ii]ch (?:bin|heiße) (?:{_MODEL}|ein[e]? [^.!?,\n]{{0,40}}von {_MAKER})\b"
    rf"|\b(?:[Jj]e suis|[Jj]['’]ai été|[Ee]n tant qu)[^.!?\n]{{0,60}}? (?:développé|créé|entraîné"
    rf"|conçu)e?s? par (?:\w+ )?{_MAKER}\b"
    rf"|\b(?:[Jj]e suis|[Jj]e m['’]appelle) {_MODEL}\b"
    rf"|\b(?:[Ss]oy|[Ff]ui|[Hh]e sido|[Cc]omo|[Mm]e llamo)\b[^.!?\n]{{0,60}}? (?:desarrollad|cread|entrenad"
    rf"|diseñad)[oa]s? por (?:\w+ )?{_MAKER}\b"
    rf"|\b(?:[Ss]oy|[Mm]e llamo) {_MODEL}\b"
    rf"|我(?:是|由|叫)[^。！？\n]{{0,16}}?(?:{_MAKER}|阿里(?:云|巴巴)|百度|智[谱譜]|深度求索|字节跳动|腾讯|科大讯飞)"
    rf"[^。！？\n]{{0,10}}?(?:[开開][发發]"
    rf"|[创創]建|[训訓][练練]|推出|研[发發]|提供)"
    rf"|我(?:是|叫)(?:{_MODEL}|通[义義]千[问問]|文心一言|[讯訊]飞星火|豆包)"
)
# literals alone, which are searched for many times faster than classes
_MAKER_HINT: Final = (
    r"OpenAI|Open AI|Anthropic|DeepMind|Deep Mind|by Google|by Microsoft|by Meta|Facebook AI|Alibaba|DeepSeek"
    r"|Mistral|LMSYS|Large Model S|LAION|Cohere|TII|Technology Innovation|Stability|Databricks|Baichuan|Zhipu"
    r"|01\.AI|Moonshot AI|Nous Research|xAI|MosaicML|AI21|HuggingFace|Hugging Face|EleutherAI|Tencent|Baidu"
    r"|Inflection|GPT|Claude|Google Bard|Google Gemini|Qwen|Tongyi|LLaMA|Llama|Vicuna|OpenAssistant"
    r"|Open Assistant|StableLM|WizardLM|ChatGLM|Mixtral|Koala|Guanaco|InternLM|Bing Chat|Falcon-|von Google"
    r"|von Microsoft|von Meta|par Google|par Microsoft|par Meta|por Google|por Microsoft|por Meta|我是|我由|我叫"
)
GIVEN_IDENTITY: Final = rf"(?i){_MODEL}|{_MAKER}|阿里|百度|智谱"

CUTOFF_LEAK: Final = quick(
    r"(?i)\bas of my (?:last |latest |most recent |current )?(?:knowledge |training |data )*(?:updates?|cut-?off"
    r"|training)\b"
    r"|\bas of my (?:last |current )?knowledge,? (?:which )?(?:is )?up (?:to|until)\b"
    r"|\bmy (?:last |latest |most recent |current )?(?:knowledge|training|data|training data|knowledge base)"
    r" (?:cut-?off|was (?:last )?updated|(?:only )?(?:goes|extends)(?: only)? (?:up )?(?:to|until)|ends in|update in)\b"
    r"|\bmy last (?:update|training)(?: (?:was|is))? (?:in|on) (?:\w+ )?(?:\d{1,2}, )?(?:19|20)\d\d"
    r"|\b(?:zum )?(?:stand|zeitpunkt) meine[rs] letzten (?:wissens\w*|aktualisierung|updates?|trainings?)"
    r"|\bmeine? (?:wissen|kenntnisse|wissensstand|trainingsdaten) (?:reich\w+|end\w+|geh\w+|ist auf dem stand)"
    r"|\b(?:à|lors de|jusqu['’]à|selon|d['’]après|depuis) ma dernière (?:mise à jour|formation)"
    r"|\bmes connaissances (?:s['’]arrêtent|s['’]étendent|ne vont|vont jusqu)|\bma date (?:de coupure|limite)"
    r"|\b(?:hasta|según|desde|a partir de|en) mi última (?:actualización|fecha)|\bmi (?:fecha|punto) de corte"
    r"|\bmis? conocimientos? (?:se (?:limita|extiende)n?|llegan?|abarcan?)\b[^.\n]{0,20}? (?:hasta|a) "
    r"|(?:截至|截止|直到)(?:到|至)?我(?:的)?(?:最后一次|最近一次|上次|最新)?(?:的)?(?:知[识識]|[训訓][练練]|[数數][据據])?(?:更新|[训訓][练練]|截止|截至)"
    r"|我的(?:知[识識]|[训訓][练練][数數][据據])[库庫]?(?:截止|截至|[仅僅]?更新(?:到|至)|只到)"
)
_CUTOFF_HINT: Final = (
    "my last|my latest|my most recent|my current|my knowledge|my training|my data|My last|My latest|My knowledge"
    "|My training|My data"
    "|meiner letzten|meines letzten|mein Wissen|Mein Wissen|eine Kenntnisse|eine Trainingsdaten|ein Wissensstand"
    "|ma dernière"
    "|mes connaissances|Mes connaissances|ma date|mi última|mi fecha|mi punto|mi conocimiento|Mi conocimiento"
    "|mis conocimiento"
    "|Mis conocimiento|到我|至我|止我|我的知|我的[训訓]"
)
_ASKS_CUTOFF: Final = (
    r"(?i)cut-?off|last update|training data"
    r"|up[- ]to[- ]date|your knowledge|wissensstand|mise à jour|actualizaci|截止|更新"
)


@signal(
    unit="flag",
    source="open-instruct's filter of provider names",
    severity="medium",
    reduce="any",
    locate=first_match(IDENTITY_LEAK),
    language=FIVE_LANGUAGES,
)
def identity_leak(responses: Texts, questions: Texts, systems: Texts) -> pl.Series:
    """Whether an answer claims to be a named company's model ("trained by OpenAI"); null in languages not read.

    Only the first person counts: "I'm Claude", "as an AI developed by OpenAI", "against OpenAI's policy". Text
    about a company or its product does not. An identity that the system turn or a part to play gives is not counted.
    Names that are also common words are left out: Gemini, Falcon, Phi.

    False positives: the model whose identity is meant to be taught; quoted chats.

    >>> replies = pl.Series(["As an AI developed by OpenAI, I agree.", "ChatGPT was developed by OpenAI."])
    >>> replies.str.contains(IDENTITY_LEAK).to_list()
    [True, False]
    """
    claims = responses.matches(IDENTITY_LEAK, hint=_MAKER_HINT)
    if len(systems):
        told = systems.row[systems.text.str.contains(GIVEN_IDENTITY).to_numpy()]
        claims &= ~pl.Series(np.isin(responses.row, told))
    return responses.if_spoken(responses.unasked(claims, questions, tasks.FICTION))


@signal(
    unit="flag",
    source="open-instruct's filter of cutoff dates",
    severity="medium",
    reduce="any",
    locate=first_match(CUTOFF_LEAK),
    language=FIVE_LANGUAGES,
)
def cutoff_leak(responses: Texts, questions: Texts) -> pl.Series:
    """Whether an answer says when its author's knowledge ends ("as of my last update"); null in languages not read.

    A model trained on it dates its own answers to another model's training. Not counted where the question asks
    how fresh the knowledge is, or for a part to play.

    False positives: "as of my last update" in a report that somebody writes to a colleague.

    >>> pl.Series(["As of my last update, it was open.", "As of May, it is."]).str.contains(CUTOFF_LEAK).to_list()
    [True, False]
    """
    leaks = responses.matches(CUTOFF_LEAK, hint=_CUTOFF_HINT)
    return responses.if_spoken(responses.unasked(leaks, questions, rf"{tasks.FICTION}|{_ASKS_CUTOFF}"))
