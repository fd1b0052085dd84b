"""Wordings and words of made-up sentences: plain description, news, questions, requests. Written for this project."""

_WORDS = {
    "person": (
        "man woman boy girl child baby teacher doctor student soldier player farmer singer chef worker artist king"
        " driver nurse lawyer writer dancer scientist policeman tourist customer manager engineer actor"
    ),
    "animal": "dog cat horse bird fish cow sheep monkey lion elephant bear rabbit snake tiger mouse duck goat",
    "thing": (
        "guitar ball car bicycle book table phone computer camera bottle box piano flute knife hat shirt door chair"
        " boat train plane truck bag cup lamp letter picture rock gun ticket engine rope paper"
    ),
    "food": "bread cheese rice chicken onion tomato potato carrot cake apple egg meat soup pasta coffee butter",
    "place": (
        "street park beach kitchen garden field river mountain school hospital church stage room forest bridge"
        " office market road hotel airport court snow grass water village stadium"
    ),
    "doing": (
        "playing riding holding carrying cutting throwing watching cleaning washing moving pushing lifting buying"
        " selling fixing painting breaking eating cooking driving opening reading writing catching hitting"
    ),
    "resting": "running sitting standing walking sleeping jumping swimming dancing singing waiting smiling lying",
    "quality": (
        "big small old young red blue green black white happy sad new wet broken brown long heavy cheap expensive"
        " dangerous beautiful strange simple difficult important"
    ),
    "country": (
        "china russia india france germany israel iran syria egypt japan pakistan ukraine spain greece turkey iraq"
        " afghanistan australia canada mexico brazil italy korea britain america sudan libya"
    ),
    "name": "obama smith john maria david sarah putin clinton bush james anna peter london paris boston texas",
    "event": (
        "election war attack strike protest storm earthquake crash bombing trial vote meeting fire flood crisis"
        " murder deal explosion shooting sale game outbreak investigation"
    ),
    "group": (
        "police government army court company president minister parliament rebels militants voters judge union bank"
        " senate troops officials investors opposition"
    ),
    "acts": "kills wins rejects approves attacks accepts opens closes arrests supports condemns calls leaves faces",
    "topic": (
        "tax energy oil health education music religion science history money water trade software law food security"
        " weather art mathematics philosophy language privacy climate gun insurance sport"
    ),
    "amount": "two three four five ten 12 20 30 50 100 1000 several many few dozens hundreds",
    "make": "write explain describe find compare calculate translate summarize design suggest list create",
}

SLOTS = {slot: words.split() for slot, words in _WORDS.items()}
"""Words that may fill each slot; half of the time a word near one of them is taken instead."""

TEMPLATES: list[list[str]] = [
    [
        "a {person} is {doing} a {thing}.",
        "the {person} is {doing} the {thing}.",
        "a {thing} and a {person} {doing} it.",
    ],
    ["a {person} is {doing} a {thing} in the {place}.", "in the {place}, a {quality} {person} is {doing} a {thing}."],
    [
        "a {person} is {doing} some {food}.",
        "someone is {doing} {food}.",
        "the {person} is {doing} the {quality} {food}.",
    ],
    ["a {quality} {animal} is {resting} in the {place}.", "the {animal} is {resting} near the {place}."],
    ["two {quality} {animal}s are {resting} on the {place}.", "a {animal} and a {animal2} are {resting}."],
    ["a {person} and a {person2} are {resting} on a {place}.", "{amount} people are {resting} in the {place}."],
    ["a {quality} {thing} next to a {quality2} {thing2}.", "there is a {thing} and a {thing2} in the {place}."],
    ["the {person} is not {doing} the {thing}.", "a {person} is {doing} a {thing}.", "nobody is {doing} a {thing}."],
    [
        "a {animal} is {doing} a {thing}.",
        "the {person} is {doing} a {animal}.",
        "a {quality} {animal} {doing} a {food}.",
    ],
    ["{country} {group} {acts} {event} in {country2}", "{country}: {group} {acts} {country2} {event}"],
    [
        "{amount} killed in {country} {event}",
        "{event} in {country} kills {amount} people",
        "{country} {event} leaves {amount} dead",
    ],
    [
        "{name} {acts} {topic} {event}",
        "{group} says {name} {acts} {event} over {topic}",
        "{name} in {country} for {topic} {event}",
    ],
    ["{country} {acts} {event} with {country2}", "{group} in {country} and {country2} {acts} {topic} {event}"],
    [
        "the {group} said the {event} in {country} was {quality}.",
        "{group} of {country} called the {event} {quality}, {name} said.",
    ],
    [
        "shares of the {topic} {group} fell {amount} percent after the {event}.",
        "the {group} said {topic} sales rose {amount} percent.",
    ],
    [
        "how do i {make} a {thing}?",
        "what is the best way to {make} a {thing}?",
        "can you help me {make} a {quality} {thing}?",
    ],
    ["{make} a {quality} story about a {person} and a {animal}.", "{make} a poem about the {animal} and the {person}."],
    ["what is the {topic} of {country}?", "tell me about {topic} in {country}.", "{make} the {topic} of {country}."],
    [
        "what is the difference between {topic} and {topic2}?",
        "{make} {topic} and {topic2}.",
        "is {topic} more {quality} than {topic2}?",
    ],
    [
        "i think {topic} is {quality}, but it depends on the {group}.",
        "it is {quality} to have {topic}; it depends on {topic2}.",
    ],
    ["you should not {make} it if the {thing} is {quality}.", "if your {thing} is {quality}, {make} another {thing2}."],
    [
        "yes, {topic} can be {quality} for a {person}.",
        "no, a {person} does not need {topic}.",
        "does a {person} need {topic}?",
    ],
    [
        "how many {thing}s does {name} have if the {person} has {amount}?",
        "{name} bought {amount} {thing}s at the {place}.",
    ],
    [
        "{make} a function that returns the {quality} {thing} of a list",
        "write code to {make} the {thing} from a {thing2}",
    ],
    ["my {thing} is {quality} and i want to {make} a new one", "the {thing} i bought is {quality}, what can i do?"],
    [
        "{name} is a {quality} {person} from {country}.",
        "the {person} {name} was born in {country}.",
        "{name}, {person} of {country}",
    ],
]
