"""A real browser, spoken to over two pipes in the devtools protocol (https://chromedevtools.github.io/devtools-protocol/).

With `--remote-debugging-pipe` Chromium reads requests from descriptor 3 and answers on 4, each message a JSON text that ends with a NUL: no port is
open, and nothing has to be installed besides the browser.
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60.0
"""How many seconds any one answer may take; a test that waits longer has failed."""


def program() -> str | None:
    """Return the path of the browser, or None where none is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One browser with a profile of its own; ends with `close`."""

    def __init__(self, profile: Path) -> None:
        """Start it with the folder `profile` for all that it writes."""
        requests_in, self.requests = _pipe()
        self.answers, answers_out = _pipe()
        self.process = subprocess.Popen(
            [
                program() or PROGRAMS[0],
                "--headless",
                "--no-sandbox",  # Chromium's own needs namespaces that root in a container may not make; the pages are ours
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=lambda: (os.dup2(requests_in, 3), os.dup2(answers_out, 4)),
        )
        os.close(requests_in)
        os.close(answers_out)
        self.received = b""
        self.sent = 0
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Call a method and return its result; what happens meanwhile is kept in `events`."""
        self.sent += 1
        request = {"id": self.sent, "method": method, "params": params, **({"sessionId": session} if session else {})}
        left = json.dumps(request).encode() + b"\0"
        while left:
            left = left[os.write(self.requests, left) :]
        while (message := self.receive()).get("id") != self.sent:
            self.events.append(message)
        assert "error" not in message, (method, message["error"])
        result: dict[str, Any] = message["result"]
        return result

    def receive(self) -> dict[str, Any]:
        """Return the next message."""
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self.received:
            ready = select.select([self.answers], [], [], max(0, deadline - time.monotonic()))[0]
            read = os.read(self.answers, 1 << 20) if ready else b""
            assert read, "the browser has ended" if ready else "the browser does not answer"
            self.received += read
        message, _, self.received = self.received.partition(b"\0")
        parsed: dict[str, Any] = json.loads(message)
        return parsed

    def close(self) -> None:
        """End the browser, and wait until it has ended."""
        os.close(self.requests)
        os.close(self.answers)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Page:
    """One tab with a page in it."""

    def __init__(self, browser: Browser, *, width: int = 1200, height: int = 900, media: str = "screen", scheme: str = "light", scripts: bool = True) -> None:
        """Open an empty tab of that size, as a screen or paper, and with or without JavaScript."""
        self.browser = browser
        self.target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.send("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        features = [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]
        self.send("Emulation.setEmulatedMedia", media=media, features=features)
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of this tab."""
        return self.browser.send(method, self.session, **params)

    def open(self, url: str) -> None:
        """Go to `url` and wait until it is loaded."""
        self.browser.events.clear()
        self.send("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def wait_for(self, event: str) -> None:
        """Wait until `event` has happened in this tab."""
        while not self.happened(event):
            self.browser.events.append(self.browser.receive())

    def happened(self, *events: str) -> list[dict[str, Any]]:
        """Return what came with these events of this tab."""
        return [each["params"] for each in self.browser.events if each.get("method") in events and each.get("sessionId") == self.session]

    def ask(self, expression: str) -> Any:
        """Return what a JavaScript expression is, once it is settled."""
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and let go of a key that writes a character."""
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def click(self, selector: str) -> None:
        """Click with a mouse into the middle of the first element that `selector` finds."""
        x, y = self.ask(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def close(self) -> None:
        """Close the tab."""
        self.browser.send("Target.closeTarget", targetId=self.target)


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends are not among the descriptors that the browser is to get."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
