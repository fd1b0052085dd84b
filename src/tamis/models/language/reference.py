"""langdetect itself, for reference: seeded anew for each text, so that its answers do not depend on their order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from tamis.models.language._protocol import DETECTED
from tamis.packed import Packed


@dataclass(frozen=True)
class LangdetectDetector:
    """The profiles and the random draws of the package langdetect; `factory` is what holds its profiles."""

    factory: Any

    def detect(self, texts: Packed) -> pl.DataFrame:
        """Its likeliest language of each text, with its probability; its two forms of Chinese are one.

        >>> load_langdetect().detect(Packed.of(["Il fait beau aujourd'hui.", "42"]))["language"].to_list()
        ['fr', None]
        """
        return pl.DataFrame([self._detect(text) for text in texts.strings()], DETECTED, orient="row")

    def _detect(self, text: str) -> tuple[str | None, float | None]:
        from langdetect.lang_detect_exception import LangDetectException

        detector = self.factory.create()
        detector.append(text)
        try:
            found = detector.get_probabilities()
        except LangDetectException:  # no letters
            return None, None
        return (found[0].lang[:2], found[0].prob) if found else (None, None)


@cache
def load_langdetect() -> LangdetectDetector:
    """Load the profiles of langdetect, which takes about a second."""
    from langdetect import DetectorFactory
    from langdetect.detector_factory import PROFILES_DIRECTORY

    factory = DetectorFactory()
    factory.seed = 0
    factory.load_profile(PROFILES_DIRECTORY)
    return LangdetectDetector(factory)
