"""Full, read-only and damaged disks, files that change, and runs that share a folder."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tamis
from tamis.errors import TamisError
from tamis.verbs import audit as verb
from tests.cache.test_cache import ROWS, same
from tests.written import lines, write

AUDIT = "from tamis.cli import main; main()"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); " + AUDIT
MAY_MOUNT = subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0
mounts = pytest.mark.skipif(not MAY_MOUNT, reason="needs unshare -rm, to mount a tmpfs")


def said(*command: object) -> str:
    """The one line that a command fails with."""
    ended = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert ended.returncode == 2, ended.stderr
    message = [line for line in ended.stderr.splitlines() if line.strip()]
    assert len(message) == 1, ended.stderr
    assert message[0].startswith("tamis: ")
    return message[0]


def mounted(folder: Path, options: str, before: str, *command: object) -> str:
    """The one line that a command fails with where a tmpfs with those options lies over the folder."""
    script = 'mount -t tmpfs none "$0"; ' + before + f'; mount -o "remount,{options}" "$0"; exec "$@"'
    return said("unshare", "-rm", "sh", "-ec", script, folder, *command)


def tables(folder: Path) -> dict[str, bytes]:
    """The files of an audit, and what a run may have left beside them."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != ".lock"}


@pytest.mark.parametrize("limit", [0, 40, 4_000, 8_000])
def test_a_quota_is_one_error_and_the_last_audit_stays(limit: int, tmp_path: Path) -> None:
    file, out = write(ROWS, "jsonl", tmp_path), tmp_path / "out"
    tamis.audit(file).save(out)
    before = tables(out)
    write(ROWS[:-1], "jsonl", tmp_path)
    message = said(sys.executable, "-c", LIMITED.format(limit), "audit", file, "-o", out, "-q")
    assert limit == 0 or "File too large" in message  # not even a temporary file can be made
    assert tables(out) == before
    tamis.AuditResult.load(out)


@mounts
@pytest.mark.parametrize("kilobytes", [8, 64])
def test_a_full_disk_is_one_error(kilobytes: int, tmp_path: Path) -> None:
    file, out = write(ROWS, "jsonl", tmp_path), tmp_path / "out"
    out.mkdir()
    command = (sys.executable, "-c", AUDIT, "audit", file, "-o", out, "-q")
    message = mounted(out, f"size={kilobytes}k", "true", *command)
    assert "No space left on device" in message
    assert str(out) in message


@mounts
@pytest.mark.parametrize("options", [(), ("--no-cache",)], ids=["cache", "no cache"])
def test_a_read_only_folder_is_one_error(options: tuple[str, ...], tmp_path: Path) -> None:
    file, out = write(ROWS, "jsonl", tmp_path), tmp_path / "out"
    out.mkdir()
    command = (sys.executable, "-c", AUDIT, "audit", file, "-o", out, "-q", *options)
    message = mounted(out, "ro", "true", *command)
    assert "Read-only file system" in message
    assert str(out) in message


@mounts
def test_no_room_for_the_texts_is_one_error(tmp_path: Path) -> None:
    file, room = write(ROWS * 40, "jsonl", tmp_path), tmp_path / "room"
    room.mkdir()
    message = mounted(
        room, "size=16k", "true", "env", f"TMPDIR={room}", sys.executable, "-c", AUDIT, "audit", file, "-q"
    )
    assert "No space left on device" in message
    assert "TMPDIR" in message


def test_the_cache_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TamisError, match="cache cannot be written"):
        tamis.audit(
            write(ROWS, "jsonl", tmp_path), cache=tmp_path / "file" / "cache", progress=lambda *_: pytest.fail("read")
        )


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bits_are_found_and_computed_again(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    file, kept = write(ROWS, "jsonl", tmp_path), tmp_path / "kept"
    cold = tamis.audit(file, cache=kept)
    parts = [path for path in kept.rglob("*") if path.is_file()]
    for path in parts:
        content = bytearray(path.read_bytes())
        at = chance.randrange(len(content))
        content = content[:at] if seed % 3 == 0 else content  # cut short
        if seed % 3:
            content[at] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
    warm = tamis.audit(file, cache=kept)
    same(warm, cold)
    assert warm.facts["cache"]["damaged"] == len(parts) == 2
    assert warm.facts["cache"]["rows_measured"] == len(ROWS)
    assert "2 damaged files" in str(warm)
    assert tamis.audit(file, cache=kept).facts["cache"]["damaged"] == 0


@pytest.mark.parametrize("name", ["signals", "findings", "unreadable", "pairs", "reference"])
def test_a_saved_audit_with_a_flipped_bit_is_refused(name: str, tmp_path: Path) -> None:
    tamis.audit(write(ROWS, "jsonl", tmp_path)).save(tmp_path / "out")
    path = tmp_path / "out" / f"{name}.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(TamisError, match=f"damaged .{name}"):
        tamis.AuditResult.load(tmp_path / "out")


def overwritten(path: Path) -> None:
    """Other bytes, as many of them."""
    path.write_bytes(path.read_bytes().replace(b"Blue", b"Grey"))


@pytest.mark.parametrize(
    "change",
    [overwritten, lambda path: path.write_bytes(lines([*ROWS, ROWS[0]])), lambda path: path.unlink()],
    ids=["overwritten", "grown", "gone"],
)
def test_an_input_that_changes_in_mid_run_is_told(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, real = write(ROWS, "jsonl", tmp_path), verb.gather
    monkeypatch.setattr(verb, "gather", lambda *given: (real(*given), change(file))[0])
    with pytest.raises(TamisError, match=r"rows\.jsonl: changed while it was read"):
        tamis.audit(file)


def test_runs_at_once_share_a_folder(tmp_path: Path) -> None:
    out, files = tmp_path / "out", []
    for part in range(3):
        files.append(write(ROWS[part * 4 :], "jsonl", tmp_path / f"{part}"))
    commands = [[sys.executable, "-c", AUDIT, "audit", file, "-o", out, "-q"] for file in (*files, files[0])]
    running = [subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True) for command in commands]
    for process in running:
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    last = tamis.AuditResult.load(out)
    same(last, tamis.audit(last.sources[0].path))
    for file in files:
        again = tamis.audit(file, cache=out / "cache")
        same(again, tamis.audit(file))
        assert again.facts["cache"]["rows_measured"] == again.facts["cache"]["damaged"] == 0
