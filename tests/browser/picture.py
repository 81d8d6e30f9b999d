"""Take docs/images/report.png anew: `python tests/browser/picture.py`, from the root of a checkout that is installed."""

import base64
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))


def main() -> None:
    """Write the page of the weak host down to the end of the drawing."""
    from browser.chromium import Browser, Page
    from browser.pages import recorded, render

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.html")
        path.write_text(render(recorded()), encoding="utf-8")
        browser = Browser(Path(folder, "profile"))
        try:
            page = Page(browser)
            page.open(path.as_uri())
            height = page.ask("document.querySelector('svg.access').getBoundingClientRect().bottom + 16")
            clip = {"x": 0, "y": 0, "width": 1200, "height": height, "scale": 1}
            taken = page.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        finally:
            browser.close()
    (ROOT / "docs/images/report.png").write_bytes(base64.b64decode(taken))


if __name__ == "__main__":
    main()
