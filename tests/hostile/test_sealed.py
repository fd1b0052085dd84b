"""A process that watches itself: no verb opens a socket, a file that nobody named, or another program, or runs text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.written import lines, write

WATCH = '''
import json, os, runpy, sys, sysconfig
allowed_read = [os.path.realpath(p) for p in sys.argv[2].split(os.pathsep)]
allowed_write = [os.path.realpath(p) for p in sys.argv[3].split(os.pathsep)]
NETWORK = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "ssl.")
RUN = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "pty.", "webbrowser.")
KERNELS = ("numba", "llvmlite", "numpy", "builtins", "copyreg", "tamis.kernels")  # numba's cache of compiled ones
seen = {"network": [], "run": [], "read": [], "write": [], "code": [], "pickle": []}
quiet = False
def inside(path, folders):
    path = os.path.realpath(path)
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)
def own(depth=2):
    """The nearest frame outside of the import system, if it is of tamis."""
    frame = sys._getframe(depth)
    while frame and "importlib" in frame.f_code.co_filename:
        return None
    return frame and frame.f_code.co_filename
def hook(event, args):
    global quiet
    if quiet:
        return
    quiet = True
    try:
        if event.startswith(NETWORK):
            seen["network"].append(event)
            raise PermissionError(event)
        if event.startswith(RUN):
            seen["run"].append(f"{event} {args[:1]}")
        elif event == "pickle.find_class" and not str(args[0]).startswith(KERNELS):
            seen["pickle"].append(str(args))
        elif event in ("compile", "exec"):
            where = own(3) or ""
            if "/tamis/" in where:
                seen["code"].append(f"{event} by {where}")
        elif event == "open" and isinstance(args[0], (str, bytes)):
            path, mode, flags = os.fsdecode(args[0]), args[1], args[2] or 0
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or any(c in (mode or "") for c in "wax+")
            if writes and not inside(path, allowed_write):
                seen["write"].append(path)
            elif not writes and not inside(path, allowed_read + allowed_write):
                seen["read"].append(path)
    finally:
        quiet = False
sys.addaudithook(hook)
sys.argv = ["tamis", *json.loads(sys.argv[1])]
try:
    from tamis.cli import main
    main()
except SystemExit as left:
    code = left.code or 0
else:
    code = 0
quiet = True
print("\\n" + json.dumps({"exit": code, **{kind: sorted(set(what)) for kind, what in seen.items()}}))
'''
HOSTILE = [
    "__import__('os').system('touch {marker}')",
    "{{{{ cycler.__init__.__globals__.os.system('touch {marker}') }}}}",
    "$(touch {marker})",
    "`touch {marker}`; touch {marker}",
    "file:///etc/passwd",
    "http://127.0.0.1:9/x.jsonl",
    "../../../../etc/passwd",
    "!!python/object/apply:os.system ['touch {marker}']",
    "<script src=http://127.0.0.1:9/x.js></script>",
    '=HYPERLINK("http://127.0.0.1:9")',
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows whose every field and name would like to be run, fetched or opened."""
    folder = tmp_path_factory.mktemp("hostile")
    said = [text.format(marker=folder / "marker") for text in HOSTILE]
    rows = [
        {"instruction": one, "output": f"{one} {two}", "source": one, one: two, "image": "file:///etc/passwd"}
        for one in said
        for two in (said[i % len(said)] for i in range(6))
    ]
    write(rows, "jsonl", folder)
    (folder / "test.jsonl").write_bytes(
        lines([{"question": f"{one} {i}", "answer": "x"} for one in said for i in range(4)])
    )
    return folder


COMMANDS = {
    "audit": ["audit", "{in}/rows.jsonl", "-o", "{out}/audit", "--by", "source"],
    "prune": ["prune", "{in}/rows.jsonl", "-o", "{out}/kept.jsonl", "--dropped", "{out}/gone.jsonl", "--redact", "pii"],
    "report": ["report", "{out}/audit", "-o", "{out}/page.html"],
    "card": ["card", "{out}/audit"],
    "prune --audit": ["prune", "--audit", "{out}/audit", "-o", "{out}/again.jsonl"],
    "duplicates": ["duplicates", "{in}/rows.jsonl", "--kind", "meaning"],
    "diversity": ["diversity", "{in}/rows.jsonl", "-o", "{out}/diversity.json"],
    "bias": ["bias", "{in}/rows.jsonl"],
    "compare": ["compare", "{in}/rows.jsonl", "{in}/test.jsonl"],
    "select": ["select", "{in}/rows.jsonl", "-n", "5", "-o", "{out}/picked.jsonl"],
    "decontaminate": ["decontaminate", "{in}/rows.jsonl", "--against", "{in}/test.jsonl", "-o", "{out}/clean.jsonl"],
    "preflight": ["preflight", "{in}/rows.jsonl", "--trainer", "trl"],
    "convert": ["convert", "{in}/rows.jsonl", "--to", "messages", "-o", "{out}/chat.parquet"],
}


@pytest.mark.slow
def test_no_verb_reaches_out_of_its_files(hostile: Path, tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    installed = [
        sys.prefix,
        sys.base_prefix,
        str(ROOT / "src"),
        str(ROOT / "tests"),
        "/usr/lib",
        "/usr/share",
        "/lib",
        "/etc",
    ]
    installed += [entry for entry in sys.path if entry]  # what Python itself is made of
    system = ["/proc", "/sys/devices/system", "/sys/fs/cgroup", "/dev/null", "/dev/urandom", "/dev/shm"]
    kernels = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tamis"
    read = os.pathsep.join([*installed, *system, str(hostile), str(ROOT / "pyproject.toml")])
    write_to = os.pathsep.join([str(tmp_path), str(kernels), "/dev/null", "/dev/shm", "/dev/tty"])
    environment = {**os.environ, "TMPDIR": str(room), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {name: value for name, value in environment.items() if "proxy" not in name.lower()}
    for name, parts in COMMANDS.items():
        command = [part.format(**{"in": hostile, "out": tmp_path}) for part in parts]
        ran = subprocess.run(
            [sys.executable, "-c", WATCH, json.dumps(command), read, write_to],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert ran.stdout, (name, ran.stderr[-2000:])
        told = json.loads(ran.stdout.splitlines()[-1])
        assert told["exit"] == 0, (name, ran.stderr[-2000:])
        assert {kind: what for kind, what in told.items() if what and kind != "exit"} == {}, name
    assert not (hostile / "marker").exists()
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<script src=http" not in page


@pytest.mark.parametrize(
    "text",
    [
        'extends = "http://127.0.0.1:9/r.toml"',
        'extends = "/etc/passwd"',
        'extends = "../../etc/shadow.toml"',
        '[rules.x]\nsignal = "__import__"',
        '[rules.x]\nsignal = "row_copies"\nwhere = "open(\'/etc/passwd\')"\nat_least = 1',
        '[signals.quality]\nmodule = "os"',
        'signals = ["os"]',
    ],
)
def test_a_recipe_reads_and_runs_nothing(text: str, tmp_path: Path) -> None:
    import tamis

    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(tamis.TamisError) as error:
        tamis.load_recipe(str(tmp_path / "own.toml"))
    assert "root:" not in str(error.value)
