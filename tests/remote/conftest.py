"""Servers on this machine: a plain web server and an object store; no test reaches another."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tamis.records.stores.objects import _files


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets to this machine alone."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        assert not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1"), address
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Site:
    """A web server: its address, what it serves, and what it was asked for."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tags: bool = True
    cut: int | None = None
    moved: str | None = None
    status: int = 200


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            content = site.files.get(self.path)
            if site.moved is not None:
                self.send_response(302)
                self.send_header("Location", site.moved)
                self.end_headers()
            elif content is None or site.status != 200:
                self.send_error(404 if site.status == 200 else site.status)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                if site.tags:
                    self.send_header("ETag", f'"{hash(content):x}"')
                    self.send_header("Last-Modified", formatdate(0, usegmt=True))
                self.end_headers()
                with suppress(OSError):  # who asks for the version alone reads no further
                    self.wfile.write(content[: site.cut])

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server that serves what a test puts into `files`."""
    found = Site("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Bucket:
    """A bucket of an object store on this machine."""

    url: str
    name: str

    def put(self, key: str, content: bytes) -> str:
        """Store an object; its URL."""
        files, path = _files(f"s3://{self.name}/{key}")
        with files.open_output_stream(path) as out:
            out.write(content)
        return f"s3://{self.name}/{key}"


@pytest.fixture(scope="session")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = tmp_path_factory.mktemp("moto") / "log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with said.open("wb") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "MOTO_ALLOW_NONEXISTENT_REGION": "1"}
        )
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/moto-api/", timeout=5).close()
            break
        except OSError:
            assert server.poll() is None, Path(said).read_text()
            time.sleep(0.1)
    yield url
    server.kill()
    server.wait()


@pytest.fixture
def bucket(_store: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, and the environment that leads to it."""
    for name, value in {
        "AWS_ENDPOINT_URL": _store,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    urllib.request.urlopen(urllib.request.Request(f"{_store}/moto-api/reset", b"", method="POST")).close()
    found = Bucket(_store, "data")
    urllib.request.urlopen(urllib.request.Request(f"{_store}/data", b"", method="PUT")).close()
    return found
