"""Data sets of the Hugging Face Hub, by the file system that huggingface_hub has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tamis.records.stores._store import NOT_FOUND, Refused, Version

_PIECE: Final = 8 << 20


class Hub:
    """Files by `hf://datasets/OWNER/NAME[@REVISION]/FILE`."""

    def version(self, url: str) -> Version | None:
        """Size, and the hash that the Hub tells files by."""
        with _refusals() as files:
            files.invalidate_cache()
            return _version(files.info(_path(url)))
        raise AssertionError  # _refusals lets nothing through

    def listed(self, url: str, *, deep: bool) -> list[str]:
        """The files below a folder."""
        with _refusals() as files:
            if deep:
                return [f"hf://{path}" for path in files.find(_path(url))]
            return [f"hf://{found['name']}" for found in files.ls(_path(url)) if found["type"] == "file"]
        raise AssertionError

    @contextmanager
    def opened(self, url: str) -> Iterator[tuple[Version, Iterator[bytes]]]:
        """The file, read onward."""
        with _refusals() as files:
            files.invalidate_cache()
            found = _version(files.info(_path(url)))
            if found is None:
                raise Refused(NOT_FOUND)
            with files.open(_path(url), "rb") as stream:
                yield found, iter(lambda: stream.read(_PIECE), b"")


def _path(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _version(found: dict[str, Any]) -> Version | None:
    if found["type"] != "file":
        return None
    large = found.get("lfs")
    etag = large.get("sha256") if isinstance(large, dict) else getattr(large, "sha256", None)
    return Version(found["size"], etag or found.get("blob_id"))


@contextmanager
def _refusals() -> Iterator[Any]:
    """The Hub's file system; what it says in words of ours."""
    try:
        from huggingface_hub import HfFileSystem, errors
    except ImportError:
        raise Refused("hf:// needs the package huggingface_hub: pip install 'tamis[hub]'") from None
    try:
        yield HfFileSystem()
    except (errors.RepositoryNotFoundError, errors.LocalTokenNotFoundError):
        raise Refused("no such data set, or it needs a login; check the name, or set HF_TOKEN") from None
    except (FileNotFoundError, errors.EntryNotFoundError, errors.RevisionNotFoundError):
        raise Refused(NOT_FOUND) from None
    except errors.OfflineModeIsEnabled:
        raise Refused("HF_HUB_OFFLINE is set, so nothing is asked of the Hub") from None
    except (OSError, ValueError, getattr(errors, "HTTPError", OSError)) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise Refused(f"cannot be read ({said}); check the network and the address") from None
