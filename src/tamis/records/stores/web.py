"""Plain web servers: http and https, by the standard library."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from tamis.records.stores._store import NOT_FOUND, Refused, Version

SECONDS: Final = 30
_PIECE: Final = 1 << 20
_SAFE: Final = "/%:@!$&'()*+,;=~?"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect from https to http, which would give the file to whoever listens."""

    def redirect_request(self, req: urllib.request.Request, *rest: Any) -> urllib.request.Request | None:
        """The next request; the last of `rest` is its URL."""
        if req.type == "https" and urlsplit(rest[-1]).scheme != "https":
            raise Refused("the server sends on to an address that is not https; name that one if you trust it")
        return super().redirect_request(req, *rest)


def _opener() -> urllib.request.OpenerDirector:
    """Knows http and https alone: that of the standard library reads files of this machine too."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _Redirects,
    ):
        opener.add_handler(handler())
    return opener


class Web:
    """Files by http and https."""

    def version(self, url: str) -> Version:
        """By a request for the file, whose answer is not read: not every server, and no signed link, allows HEAD."""
        with self.opened(url) as (found, _):
            return found

    def listed(self, url: str, *, deep: bool) -> list[str]:  # noqa: ARG002 - the signature of a store
        """Nothing: a web server lists no files."""
        raise Refused("a web server lists no files; name each of them")

    @contextmanager
    def opened(self, url: str) -> Iterator[tuple[Version, Iterator[bytes]]]:
        """The answer's headers, and its bytes."""
        try:
            request = urllib.request.Request(
                _ascii(url), headers={"User-Agent": f"tamis/{version('tamis')}", "Accept-Encoding": "identity"}
            )
            with _opener().open(request, timeout=SECONDS) as answer:
                length = answer.headers.get("Content-Length")
                size = int(length) if length and length.isdecimal() else None
                yield (
                    Version(size, answer.headers.get("ETag"), answer.headers.get("Last-Modified")),
                    _pieces(answer, size),
                )
        except urllib.error.HTTPError as error:
            error.close()
            raise Refused(_reason(error)) from None
        except urllib.error.URLError as error:
            raise Refused(_unreachable(error.reason)) from None
        except (OSError, HTTPException, ValueError) as error:
            raise Refused(_unreachable(error)) from None


def _pieces(answer: Any, size: int | None) -> Iterator[bytes]:
    given = 0
    while piece := answer.read(_PIECE):
        given += len(piece)
        yield piece
    if size is not None and given != size:
        raise Refused(f"the connection ended after {given:,} of {size:,} bytes; run it again")


def _reason(error: urllib.error.HTTPError) -> str:
    if error.code in (404, 410):
        return NOT_FOUND
    if error.code in (401, 403, 407):
        return f"access denied (HTTP {error.code}); it needs a login or a signed link: download it, or name such a link"
    return f"the server answers HTTP {error.code} ({error.reason}); try again later"


def _unreachable(reason: object) -> str:
    said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"cannot be reached ({said.splitlines()[0]}); check the address and the network"


def _ascii(url: str) -> str:
    """The URL as it is sent: white space and letters beyond ASCII escaped."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("it names no host")
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urlunsplit((parts.scheme, host, quote(parts.path, _SAFE), quote(parts.query, _SAFE + "/"), ""))
