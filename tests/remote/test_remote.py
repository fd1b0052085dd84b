"""Files of web servers and object stores are read like any, and whatever a store says no to is one line."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tamis
from tamis import workspace
from tamis.cli.app import app
from tamis.errors import TamisError
from tamis.records import remote, sources
from tamis.records.stores import SCHEMES
from tests.remote.conftest import Bucket, Site
from tests.rows import THIN
from tests.written import FORMATS, lines, write

ROWS = [{"instruction": f"Name {i % 7} colours.", "output": "" if i == 3 else f"Blue and {i} more."} for i in range(12)]
ONE_FILE = [name for name in FORMATS if "dataset" not in name]


def pruned(given: Any, out: Path) -> tuple[bytes, dict[str, int]]:
    """The bytes that pruning writes, and its counts."""
    result = tamis.prune(given, out, recipe=THIN)
    return out.read_bytes(), {"kept": result.n_kept, "dropped": result.n_dropped, "bad": result.n_unreadable}


@pytest.mark.parametrize("format", ONE_FILE)
def test_every_format_by_http_and_s3_as_from_disk(format: str, site: Site, bucket: Bucket, tmp_path: Path) -> None:
    file = write(ROWS, format, tmp_path / "here")
    site.files[f"/some/{file.name}"] = file.read_bytes()
    expected = pruned(file, tmp_path / file.name)
    assert pruned(f"{site.url}/some/{file.name}", tmp_path / f"http-{file.name}") == expected
    assert pruned(bucket.put(f"some/{file.name}", file.read_bytes()), tmp_path / f"s3-{file.name}") == expected


def test_globs_and_folders_of_a_bucket(bucket: Bucket) -> None:
    for key in (
        "a/2.jsonl",
        "a/1.jsonl",
        "a/README.md",
        "a/deep/3.jsonl",
        "a/.hidden.jsonl",
        "b/4.jsonl",
        "a[1].jsonl",
    ):
        bucket.put(key, lines([{"prompt": key, "completion": "x"}]))

    def named(given: str) -> list[str]:
        return [source.name.removeprefix("s3://data/") for source in sources.find([given])]

    assert named("s3://data/a/*.jsonl") == ["a/1.jsonl", "a/2.jsonl"]
    assert named("s3://data/a") == named("s3://data/a/") == ["a/1.jsonl", "a/2.jsonl"]
    assert named("s3://data/**/*.jsonl") == ["a/1.jsonl", "a/2.jsonl", "a/deep/3.jsonl", "a[1].jsonl", "b/4.jsonl"]
    assert named("s3://data/?/[12].jsonl") == ["a/1.jsonl", "a/2.jsonl"]
    with pytest.raises(TamisError, match=r"s3://data/c/\*\.jsonl: no such file"):
        named("s3://data/c/*.jsonl")


def test_several_into_a_folder_keep_their_own_paths(bucket: Bucket, site: Site, tmp_path: Path) -> None:
    urls = [bucket.put(f"x/{name}.jsonl", lines(ROWS)) for name in ("a", "b")]
    assert tamis.prune(urls, tmp_path / "out", recipe=THIN).n_kept == 11  # the others are copies
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.jsonl", "b.jsonl"]
    site.files |= {"/r.jsonl?v=1": lines(ROWS[:6]), "/r.jsonl?v=2": lines(ROWS[6:])}
    with pytest.raises(TamisError, match="both"):
        tamis.prune([f"{site.url}/r.jsonl?v=1", f"{site.url}/r.jsonl?v=2"], tmp_path / "more", recipe=THIN)


def test_a_key_that_climbs_stays_below(bucket: Bucket, tmp_path: Path) -> None:
    source = sources.fetched(bucket.put("a/%2E%2E/%2E%2E/climbs.jsonl", lines(ROWS)))
    assert ".." not in source.path.parts
    assert ".." not in source.place.parts
    for key in ("../../up.jsonl", "a/../../../up.jsonl", "/abs.jsonl", "..", "x" * 900, "ü b\n\"'.jsonl", "-o"):
        assert not {"..", "."} & set(remote.relative(f"s3://data/{key}").parts)
        assert not remote.relative(f"s3://data/{key}").is_absolute()
        path = tmp_path / str(len(list(tmp_path.iterdir()))) / remote.relative(f"s3://data/{key}")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")  # no name is too long or odd for the disk


def test_one_fetch_serves_all_passes(site: Site, tmp_path: Path) -> None:
    site.files["/r.csv"] = write(ROWS, "csv", tmp_path).read_bytes()
    tamis.convert(f"{site.url}/r.csv", tmp_path / "out.parquet")
    first = len(site.asked)
    assert first <= 4  # the file, and what the server says of it after the fetch and the passes
    site.files["/r.csv"] += b"another,answer\r\n" if ROWS else b""
    assert tamis.convert(f"{site.url}/r.csv", tmp_path / "out.parquet").rows == len(ROWS) + 1


def test_nothing_is_asked_that_was_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"instruction": "https://example.org/a.jsonl", "output": "s3://bucket/key"}]
    file = write(rows, "jsonl", tmp_path)
    monkeypatch.setattr(remote, "store_of", lambda _: pytest.fail("asked"))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))
    tamis.prune(file, tmp_path / "out.jsonl")


@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("size", ["same size", "other size"])
def test_a_remote_file_that_changes_in_mid_run_is_told(tags: bool, size: str, site: Site) -> None:
    site.files["/r.jsonl"], site.tags = lines(ROWS), tags
    source = sources.fetched(f"{site.url}/r.jsonl")
    facts = workspace.fingerprint(source)
    workspace.check_steady([facts])
    site.files["/r.jsonl"] = lines(ROWS).replace(b"Blue", b"Grey") + (b"" if size == "same size" else b"\n")
    with pytest.raises(TamisError, match=r"r\.jsonl: changed while it was read"):
        workspace.check_steady([facts])


def test_a_remote_object_that_changes_is_told(bucket: Bucket) -> None:
    url = bucket.put("r.jsonl", lines(ROWS))
    found = tamis.audit(url, recipe=THIN)
    tamis.prune(found)
    bucket.put("r.jsonl", lines(ROWS).replace(b"Blue", b"Grey"))
    with pytest.raises(TamisError, match="changed since the audit"):
        tamis.prune(found)


def test_a_saved_audit_of_a_remote_file_is_pruned_later(site: Site, tmp_path: Path) -> None:
    site.files["/r.jsonl"] = lines(ROWS)
    tamis.audit(f"{site.url}/r.jsonl", recipe=THIN).save(tmp_path / "audit")
    remote._KNOWN.clear()  # as another process would find it
    assert tamis.prune(tamis.AuditResult.load(tmp_path / "audit"), tmp_path / "out.jsonl").n_kept == 11
    tamis.report(tmp_path / "audit", tmp_path / "page.html")
    site.files["/r.jsonl"] = lines(ROWS[1:])
    remote._KNOWN.clear()
    with pytest.raises(TamisError, match="changed since the audit"):
        tamis.prune(tamis.AuditResult.load(tmp_path / "audit"))


def test_every_verb_reads_a_url(site: Site, tmp_path: Path) -> None:
    rows = [
        {"instruction": f"Tell me of the number {i}, please.", "output": f"It is {i}, and no more."} for i in range(40)
    ]
    site.files |= {"/r.jsonl": lines(rows), "/s.jsonl": lines(rows[:20])}
    url, other = f"{site.url}/r.jsonl?token=secret", f"{site.url}/s.jsonl"
    site.files["/r.jsonl?token=secret"] = lines(rows)
    for command in (
        ["audit", url, "-o", str(tmp_path / "audit")],
        ["prune", url, "-o", str(tmp_path / "pruned.jsonl"), "--against", other],
        ["duplicates", url],
        ["decontaminate", url, "--against", other, "-o", str(tmp_path / "clean.jsonl")],
        ["diversity", url, "--against", other],
        ["compare", url, other],
        ["bias", url],
        ["select", url, "-n", "5", "-o", str(tmp_path / "subset.jsonl")],
        ["preflight", url, "--trainer", "trl"],
        ["convert", url, "--to", "messages", "-o", str(tmp_path / "chat.jsonl")],
        ["prune", "--audit", str(tmp_path / "audit"), "--dry-run"],
    ):
        ran = CliRunner().invoke(app, command, catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        assert "secret" not in ran.output
    assert len(tamis.read(url)) == 40
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"token=secret" not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": 403}, "access denied (HTTP 403)"),
        ({"status": 503}, "the server answers HTTP 503"),
        ({"cut": 20}, "the connection ended after 20 of"),
        ({"moved": "file:///etc/passwd"}, "cannot be reached|HTTP 302|redirect"),
        ({"moved": "ftp://127.0.0.1/x"}, "cannot be reached|HTTP 302|redirect"),
    ],
)
def test_what_a_web_server_refuses_is_one_line(change: dict[str, Any], said: str, site: Site) -> None:
    site.files["/r.jsonl"] = lines(ROWS)
    for name, value in change.items():
        setattr(site, name, value)
    with pytest.raises(TamisError) as error:
        tamis.audit(f"{site.url}/r.jsonl")
    message = str(error.value)
    assert message.startswith(f"{site.url}/r.jsonl: ")
    assert "\n" not in message
    assert any(part in message for part in said.split("|")), message


@pytest.mark.usefixtures("bucket")
def test_what_is_not_there_or_not_reachable_is_one_line(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"127.0.0.1:{free.getsockname()[1]}"
    for given, said in {
        f"{site.url}/none.jsonl": "no such file",
        f"{site.url}/*.jsonl": "no such file",
        f"http://{nobody}/a.jsonl": "cannot be reached (Connection refused)",
        "https:///a.jsonl": "names no host",
        "https://me:secret@example.org/a.jsonl": "password",
        "s3://data/none.jsonl": "no such file",
        "s3://nobucket/a.jsonl": "no such file",
        "s3://": "names no bucket",
    }.items():
        with pytest.raises(TamisError) as error:
            tamis.audit(given)
        assert said in str(error.value)
        assert "secret" not in str(error.value)
        assert "\n" not in str(error.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{nobody}")
    with pytest.raises(TamisError, match="cannot be reached"):
        tamis.audit("s3://data/a.jsonl")


def test_the_hub_is_read_by_its_file_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What huggingface_hub answers is not tested here: the place of its file system is taken by one in memory."""
    hub = pytest.importorskip("huggingface_hub")
    memory = pytest.importorskip("fsspec.implementations.memory").MemoryFileSystem

    class Stub(memory):  # type: ignore[misc, valid-type]
        cachable = False
        store: dict[str, Any] = {}  # noqa: RUF012 - of this test alone

        def _strip(self, found: Any) -> Any:
            return {**found, "name": found["name"].lstrip("/"), "blob_id": str(found.get("created"))}

        def info(self, path: str, **options: Any) -> Any:
            return self._strip(super().info(path, **options))

        def ls(self, path: str, _detail: bool = True, **options: Any) -> Any:
            return [self._strip(found) for found in super().ls(path, True, **options)]

    monkeypatch.setattr(hub, "HfFileSystem", Stub)
    for name in ("1.jsonl", "2.jsonl"):
        Stub().pipe(f"/datasets/me/mine/data/{name}", lines([{"prompt": name, "completion": "x"}]))
    for given in ("hf://datasets/me/mine/data/*.jsonl", "hf://datasets/me/mine/data"):
        assert [source.name[-7:] for source in sources.find([given])] == ["1.jsonl", "2.jsonl"]
    assert tamis.prune("hf://datasets/me/mine/data/1.jsonl", tmp_path / "out.jsonl").n_kept == 1
    with pytest.raises(TamisError, match=r"hf://datasets/me/mine/none\.jsonl: no such file"):
        tamis.audit("hf://datasets/me/mine/none.jsonl")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_outputs_are_files_of_this_machine(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file, away = write(ROWS, "jsonl", tmp_path / "in"), f"{scheme}://bucket/out.jsonl"
    for command in (
        ["prune", str(file), "-o", away],
        ["prune", str(file), "-o", "kept.jsonl", "--dropped", away],
        ["audit", str(file), "-o", away],
        ["convert", str(file), "-o", away],
        ["select", str(file), "-n", "2", "-o", away],
        ["diversity", str(file), "-o", away],
    ):
        ran = CliRunner().invoke(app, command)
        assert isinstance(ran.exception, TamisError), (command, ran.output)
        assert "this machine" in str(ran.exception)
        assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_facts_of_a_remote_file(site: Site) -> None:
    site.files["/r.jsonl"] = lines(ROWS)
    [facts] = tamis.audit(f"{site.url}/r.jsonl", recipe=THIN).facts["inputs"]
    assert facts["path"] == facts["name"] == f"{site.url}/r.jsonl"
    assert facts["bytes"] == len(lines(ROWS))
    assert facts["etag"].startswith('"')
    assert json.dumps(facts)
