"""presidio-analyzer: its default recognizers of e-mail addresses, numbers and IP addresses, on a JSON list of texts.

python run_presidio.py [REGION,REGION,...] < texts.json      prints a list of [start, stop, kind] a text

Its own engine without a language model ("no_op"): these recognizers are patterns and check digits, and none needs one.
With regions, telephone numbers of those are looked for; without, of its default eight.
"""

from __future__ import annotations

import json
import sys

import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

KINDS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
}


def analyzer(regions: list[str]) -> AnalyzerEngine:
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")  # names and places, which need a model
    if regions:
        registry.remove_recognizer("PhoneRecognizer")
        registry.add_recognizer(PhoneRecognizer(supported_regions=regions))
    engine = NoOpNlpEngine([{"lang_code": "en", "model_name": "no_op"}])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


if __name__ == "__main__":
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())  # the list it brings; it would fetch a newer one
    presidio = analyzer(sys.argv[1].split(",") if len(sys.argv) > 1 else [])
    found = [presidio.analyze(text, language="en", entities=list(KINDS)) for text in json.load(sys.stdin)]
    print(json.dumps([[[hit.start, hit.end, KINDS[hit.entity_type]] for hit in hits] for hits in found]))
