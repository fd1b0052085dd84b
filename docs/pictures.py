"""Takes the pictures of the report that README.md shows, of the example data in a headless Chromium.

python -m docs.pictures
"""

from __future__ import annotations

import base64
import tempfile
import time
from pathlib import Path

import tamis
from tests.browser.chromium import Browser

ROOT = Path(__file__).parent.parent
SECTIONS = ("overview", "thresholds")
SETTLED = 1.0  # seconds until a plot is drawn


def main() -> None:
    """One picture a section, 1,280 pixels wide."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        tamis.report(tamis.audit(ROOT / "examples" / "data" / "support_mix.jsonl"), page)
        browser = Browser(Path(folder) / "profile")
        try:
            browser.size(1280, 860)
            for name in SECTIONS:
                browser.open(page)
                browser.run(f"document.getElementById('{name}').scrollIntoView()")
                time.sleep(SETTLED)
                taken = browser.send("Page.captureScreenshot", format="png")
                (ROOT / "docs" / "images" / f"report-{name}.png").write_bytes(base64.b64decode(taken["data"]))
        finally:
            browser.close()


if __name__ == "__main__":
    main()
