"""What a prompt asks for, where that decides whether an answer is at fault: patterns over the question.

They read English, and the words German, French, Spanish and Chinese use for the same. They are meant for
`Texts.unasked`, which tries them only on the questions whose answers were hit.
"""

from __future__ import annotations

from typing import Final

from tamis.patterns import quick

CODE: Final = (
    r"(?i)\b(?:code|coding|function|program(?:ming|s|me)?|script|algorithm|snippet|regex|regular expression|query"
    r"|python|java|javascript|typescript|c\+\+|c#|golang|rust|ruby|perl|php|sql|html|css|xml|json|yaml|latex|bash|shell"
    r"|command line|terminal|api|class|method|compiler?|debug|syntax|quellcode|programm|skript|logiciel"
    r"|programa|c[oó]digo|funktion|fonction|funci[oó]n)\b|代码|编程|程序|函数|脚本"
)
"""Program text, a query or a markup language."""

VERSE: Final = (
    r"(?i)\b(?:poems?|poetry|poetic|haikus?|songs?|lyrics?|verses?|limericks?|sonnets?|raps?|rhym(?:e|es|ing)|ballads?|odes?"
    r"|hymns?|stanzas?|chorus|jingle|nursery|gedichte?|lied(?:er)?|reime?|po[eè]mes?|chansons?|poemas?|canci[oó]n(?:es)?)\b"
    r"|诗|歌词|歌曲|对联"
)
"""Verse or a song."""

FICTION: Final = (
    r"(?i)\b(?:role-?play(?:ing)?|pretend|act as|play the (?:role|part)|(?:imagine|suppose) (?:that )?you"
    r"|you are (?:now )?an? |character|persona|story|stories|tale|novel|fiction(?:al)?|scene|screenplay|movie|film|play"
    r"|drama|dialogues?|conversation|monologue|fan ?fic(?:tion)?|in the (?:style|voice) of"
    r"|from the (?:perspective|point of view)|jokes?|parody|satir\w*"
    r"|geschichte|rollenspiel|dialog|histoire|conte|historia|cuento|di[aá]logo|personaje)\b|故事|小说|扮演|角色|对话|剧本|笑话"
)
"""A story, a part to play, an invented conversation: who speaks in the answer is not the model."""

TRANSLATION: Final = (
    r"(?i)translat|\b(?:in|into|to|from) (?:english|french|german|spanish|italian|portuguese|dutch|russian|ukrainian"
    r"|polish|greek|turkish|arabic|hebrew|persian|farsi|hindi|bengali|urdu|tamil|thai|vietnamese|indonesian|malay|chinese|mandarin"
    r"|cantonese|japanese|korean|latin|swedish|norwegian|danish|finnish|hungarian|czech|romanian)\b"
    r"|how (?:do|would|to) (?:you |i )?say|übersetz|tradui|traduc|翻译|译成|译为"
)
"""A translation, or words of another language."""

LETTER: Final = (
    r"(?i)\b(?:e-?mails?|letters?|templates?|invitations?|memos?|contracts?|agreements?|resumes?|r[eé]sum[eé]|cv|cover|form"
    r"|invoices?|press release|boilerplate|fill[- ]in|placeholders?|outlines?|scripts?|speech|agenda|briefe?|vorlage"
    r"|lettre|courriel|mod[eè]le|carta|correo|plantilla)\b|邮件|信|模板|合同|简历"
)
"""A letter, a form or another text with blanks to fill in."""

EDITING: Final = quick(
    r"(?i)\b(?:re-?writ(?:e|es|ing|ten)|re-?phras\w*|paraphras\w*|edit|correct|proof-?read|fix|improve|revise|re-?word|convert|transform"
    r"|sort|order|arrange|extract|copy|repeat|quote|summari[sz]\w*|shorten|simplif\w*|format|complete|fill|identify|highlight"
    r"|korrigier\w*|verbesser\w*|umschreib\w*|zusammenfass\w*|corrig\w*|r[eé][eé]cri\w*|r[eé]sum\w*|reescrib\w*|resum\w*)|改写|修改|纠正|总结|重复|润色"
)
"""Work on a text that the prompt holds, so that the answer may repeat it."""

CHOICE: Final = (
    r"(?i)\b(?:classif\w*|categor\w*|labels?|sentiment|choose|select|pick|which (?:of|one)|options?|true or false"
    r"|yes or no|multiple[- ]choice|answer with|one word|rate|score|rank"
    r"|klassifizier\w*|w[aä]hle\w*|choisi\w*|clasific\w*|elig\w*)|分类|选择|判断|情感"
)
"""A choice among given answers: a label, a letter, a number is all that is asked for."""
