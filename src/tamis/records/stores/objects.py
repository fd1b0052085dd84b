"""Object stores, S3 (and what speaks like it) and Google Cloud Storage, by the file systems built into pyarrow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tamis.records.stores._store import NOT_FOUND, Refused, Version

_PIECE: Final = 8 << 20
_DENIED: Final = re.compile(
    r"ACCESS_DENIED|ACCESS DENIED|FORBIDDEN|HTTP status 40[13]|INVALID_ACCESS_KEY|INVALID_CLIENT_TOKEN"
    r"|SIGNATURE|UNRECOGNIZED_CLIENT|EXPIRED_TOKEN|UNAUTHENTICATED|PERMISSION_DENIED|credentials",
    re.IGNORECASE,
)
_ABSENT: Final = re.compile(r"NO_SUCH|NOT_FOUND|HTTP status 404|does not exist|not found", re.IGNORECASE)
_SILENT: Final = re.compile(r"NETWORK_CONNECTION|curlCode|resolve host|UNAVAILABLE|DEADLINE|timed? ?out", re.IGNORECASE)
_LOGIN: Final = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "log in with: gcloud auth application-default login",
}


class Objects:
    """Files by s3 and gs; who is asking is told by the environment, as the makers' own tools have it."""

    def version(self, url: str) -> Version | None:
        """Size, time and ETag."""
        with _refusals(url):
            files, path = _files(url)
            found = files.get_file_info(path)
            if found.type == _kinds().NotFound:
                raise Refused(NOT_FOUND)
            if found.type == _kinds().Directory:
                return None
            with files.open_input_stream(path) as stream:
                return _version(stream, found)
        raise AssertionError  # _refusals lets nothing through

    def listed(self, url: str, *, deep: bool) -> list[str]:
        """All keys below one."""
        from pyarrow.fs import FileSelector

        with _refusals(url):
            files, path = _files(url)
            found = files.get_file_info(FileSelector(path.rstrip("/"), recursive=deep, allow_not_found=True))
            scheme = url.partition("://")[0]
            return [f"{scheme}://{info.path}" for info in found if info.type == _kinds().File]
        raise AssertionError

    @contextmanager
    def opened(self, url: str) -> Iterator[tuple[Version, Iterator[bytes]]]:
        """The object, read by ranges."""
        with _refusals(url):
            files, path = _files(url)
            found = files.get_file_info(path)
            if found.type != _kinds().File:
                raise Refused(NOT_FOUND)
            with files.open_input_stream(path) as stream:
                yield _version(stream, found), iter(lambda: stream.read(_PIECE), b"")


def _kinds() -> Any:
    from pyarrow.fs import FileType

    return FileType


def _files(url: str) -> tuple[Any, str]:
    """The file system, and the path in it: bucket and key."""
    import pyarrow.fs

    scheme, _, path = url.partition("://")
    bucket = path.partition("/")[0]
    if not bucket:
        raise Refused(f"names no bucket; write {scheme}://BUCKET/FILE")
    if scheme == "gs":
        endpoint, options = os.environ.get("STORAGE_EMULATOR_HOST"), dict[str, Any]()
        if endpoint:
            way, _, host = endpoint.rpartition("://")
            options = {"anonymous": True, "scheme": way or "http", "endpoint_override": host}
        return pyarrow.fs.GcsFileSystem(**options), path
    return pyarrow.fs.S3FileSystem(**_s3_options(bucket)), path


def _s3_options(bucket: str) -> dict[str, Any]:
    """Region and endpoint: what the environment says, as for the AWS command line, or else what S3 says."""
    import pyarrow.fs

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    options: dict[str, Any] = {
        "connect_timeout": 10,
        "request_timeout": 30,
        "retry_strategy": pyarrow.fs.AwsStandardS3RetryStrategy(max_attempts=3),
    }
    if endpoint:
        way, _, host = endpoint.rstrip("/").rpartition("://")
        return options | {"scheme": way or "https", "endpoint_override": host, "region": region or "us-east-1"}
    return options | {"region": region or pyarrow.fs.resolve_s3_region(bucket)}


def _version(stream: Any, found: Any) -> Version:
    told = {name.lower(): value for name, value in (stream.metadata() or {}).items()}
    etag = told.get("etag")
    modified = None if found.mtime is None else found.mtime.isoformat()
    return Version(found.size, etag.decode() if isinstance(etag, bytes) else etag, modified)


@contextmanager
def _refusals(url: str) -> Iterator[None]:
    """What Arrow says, in words of ours: it tells kinds of errors by their text alone."""
    try:
        yield
    except FileNotFoundError:
        raise Refused(NOT_FOUND) from None
    except OSError as error:
        scheme, said = url.partition("://")[0], str(error)
        first = said.splitlines()[0][:300]
        if _DENIED.search(said):
            raise Refused(f"access denied, or no credentials were found; {_LOGIN[scheme]}") from None
        if _SILENT.search(said):
            raise Refused(f"cannot be reached; check the network, and the endpoint ({first[:120]})") from None
        raise Refused(NOT_FOUND if _ABSENT.search(said) else f"cannot be read ({first})") from None
    except ValueError as error:
        raise Refused(f"cannot be read ({error})") from None
