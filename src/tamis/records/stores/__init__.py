"""Where files of other machines stand, one file a store; nothing here is imported, or asked, before a URL is named."""

from __future__ import annotations

from typing import Final

from tamis.records.stores._store import Refused as Refused
from tamis.records.stores._store import Store as Store
from tamis.records.stores._store import Version as Version

SCHEMES: Final = ("https", "http", "s3", "gs", "hf")


def store_of(scheme: str) -> Store:
    """What reads URLs of a scheme."""
    if scheme in ("http", "https"):
        from tamis.records.stores.web import Web

        return Web()
    if scheme == "hf":
        from tamis.records.stores.hub import Hub

        return Hub()
    from tamis.records.stores.objects import Objects

    return Objects()
