"""A real Chromium without a screen, driven over its own pipe (DevTools Protocol): real keys and clicks."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SECONDS = 60


def find_browser() -> str | None:
    """Give the path of a Chromium of this machine, or None; it is spoken with over POSIX pipes."""
    return None if os.name != "posix" else next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One tab.  Whatever takes longer than ``SECONDS`` fails the test."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._waiting = b""
        self._number = 0
        self._session = ""
        self._events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Runtime.enable")
        size = {"width": 1280, "height": 900, "deviceScaleFactor": 1}
        self.call("Emulation.setDeviceMetricsOverride", mobile=False, **size)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Ask the browser for something and give its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return dict(answer["result"])
            self._events.append(answer)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._waiting:
            ready, _, _ = select.select([self._from], [], [], SECONDS)
            assert ready, "the browser does not answer"
            block = os.read(self._from, 1 << 16)
            assert block, "the browser has ended"
            self._waiting += block
        line, _, self._waiting = self._waiting.partition(b"\0")
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def _loaded(self) -> None:
        end = time.monotonic() + SECONDS
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            assert time.monotonic() < end
            self._events.append(self._read())
        # clicks on a page that was not painted yet are dropped by the browser
        frame = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        self.call("Runtime.evaluate", expression=f"{frame}.then(() => null)", awaitPromise=True)

    def open(self, url: str) -> None:
        """Go to a page and wait until it stands."""
        self._events.clear()
        self.call("Page.navigate", url=url)
        self._loaded()

    def evaluate(self, script: str) -> Any:
        """Look at the page; the pages themselves run no scripts."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, (script, answer)
        return answer["result"].get("value")

    @property
    def text(self) -> str:
        """Give what the page says."""
        return str(self.evaluate("document.body.innerText"))

    def type(self, selector: str, text: str) -> None:
        """Click into a field and type, replacing what stands there."""
        self._click(selector)
        self.evaluate(f"document.querySelector({selector!r}).select?.()")
        self.call("Input.insertText", text=text)

    def press(self, selector: str) -> None:
        """Click a button or link that leads to another page, and wait for it."""
        self._events.clear()
        self._click(selector)
        self._loaded()

    def tick(self, selector: str) -> None:
        """Click something that stays on the page."""
        self._click(selector)

    def choose(self, selector: str, value: str) -> None:
        """Choose in a list, as its own keys would."""
        done = self.evaluate(
            f"(() => {{ const list = document.querySelector({selector!r}); list.value = {value!r};"
            " return list.value; })()"
        )
        assert done == value

    def _click(self, selector: str) -> None:
        found = self.evaluate(
            f"(() => {{ const one = document.querySelector({selector!r}); if (!one) return null;"
            " one.scrollIntoView({block: 'center', inline: 'center'});"
            " const box = one.getClientRects()[0];"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        assert found, f"{selector} is not on the page:\n{self.text[:2000]}"
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=found[0], y=found[1], button="left", clickCount=1
            )

    def picture(self, path: Path, *, dark: bool = False) -> None:
        """Write what the whole page looks like."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browsing(program: str, folder: Path) -> Iterator[Browser]:
    """Start a browser with a profile of its own and end it."""
    import fcntl

    words = [
        program,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-proxy-server",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder}",
    ]
    pipes = [*os.pipe(), *os.pipe()]
    # out of the way of 3 and 4, which the browser reads and writes
    theirs_in, ours_out, ours_in, theirs_out = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in pipes)
    for end in pipes:
        os.close(end)
    quiet = os.open(os.devnull, os.O_RDWR)
    actions = [
        (os.POSIX_SPAWN_DUP2, quiet, 1),
        (os.POSIX_SPAWN_DUP2, quiet, 2),
        (os.POSIX_SPAWN_DUP2, theirs_in, 3),
        (os.POSIX_SPAWN_DUP2, theirs_out, 4),
    ]
    child = os.posix_spawn(program, words, os.environ, file_actions=actions)
    for end in (theirs_in, theirs_out, quiet):
        os.close(end)
    try:
        yield Browser(ours_out, ours_in)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for end in (ours_out, ours_in):
            os.close(end)
