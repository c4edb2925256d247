"""A print server of our own on a private socket, with a queue that prints into PDF files (CUPS-PDF)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PPD = Path("/usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd")
BACKEND = Path("/usr/lib/cups/backend/cups-pdf")
QUEUE = "Office"
_SECONDS = 60

_SERVER = """LogLevel warn
MaxLogSize 0
DirtyCleanInterval 0
PreserveJobFiles Yes
Listen {folder}/cups.sock
DefaultAuthType None
WebInterface No
Browsing No
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""
_FILES = """ServerRoot {folder}/root
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/tmp
ErrorLog {folder}/error
AccessLog {folder}/access
PageLog {folder}/page
SystemGroup root
User lp
Group lp
"""


def missing() -> str:
    """Say what a print server of our own lacks here; empty where nothing does."""
    lacking = [name for name in ("cupsd", "lp", "lpadmin", "lpstat") if not shutil.which(name)]
    if lacking or not PPD.exists() or not BACKEND.exists():
        return "CUPS and CUPS-PDF are not installed (package printer-driver-cups-pdf)"
    return "" if os.geteuid() == 0 else "a print server of our own needs the administrator"


@dataclass(frozen=True)
class PrintServer:
    """The server's folder; its jobs are numbered from 1."""

    folder: Path

    def control(self, job: int) -> bytes:
        """Give what the server knows of a job: copies, sides, name."""
        path = self.folder / "spool" / f"c{job:05}"
        end = time.monotonic() + _SECONDS
        while not path.exists() and time.monotonic() < end:
            time.sleep(0.05)  # the server writes it when it has time
        return path.read_bytes()

    def data(self, job: int) -> bytes:
        """Give the document as it came to the server."""
        return (self.folder / "spool" / f"d{job:05}-001").read_bytes()

    def printed(self, stem: str) -> Path:
        """Wait for the file into which a job with this name is printed."""
        home = Path(pwd.getpwuid(os.geteuid()).pw_dir) / "PDF"
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            done = subprocess.run(["lpstat", "-W", "completed"], capture_output=True, check=False).stdout
            found = [path for path in home.glob(f"{stem}*.pdf") if _is_whole(path)]
            waiting = subprocess.run(["lpstat", "-o"], capture_output=True, check=False).stdout
            if done and found and not waiting.strip():
                return found[0]
            time.sleep(0.05)
        log = (self.folder / "error").read_text("utf-8", "replace")[-800:]
        raise AssertionError(f"nothing was printed: {log}")


def _is_whole(path: Path) -> bool:
    """Tell whether the printer has put its file in its place; it writes and renames as another user."""
    try:
        return b"%%EOF" in path.read_bytes()[-1024:]
    except OSError:
        return False


@contextmanager
def print_server(folder: Path) -> Iterator[PrintServer]:
    """Run a server with one queue; ``CUPS_SERVER`` must be set to its socket by the caller."""
    for name in ("root", "spool", "cache", "state", "tmp"):
        (folder / name).mkdir()
    (folder / "cupsd.conf").write_text(_SERVER.format(folder=folder))
    (folder / "cups-files.conf").write_text(_FILES.format(folder=folder))
    for path in (folder, *folder.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o644)
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir) / "PDF"
    before = set(home.glob("*")) if home.exists() else None
    words = ["cupsd", "-f", "-c", str(folder / "cupsd.conf"), "-s", str(folder / "cups-files.conf")]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _until_running()
            add = ["lpadmin", "-p", QUEUE, "-E", "-v", "cups-pdf:/", "-P", str(PPD)]
            subprocess.run(add, check=True, capture_output=True)
            yield PrintServer(folder)
        finally:
            server.terminate()
            server.wait(30)
            for path in set(home.glob("*")) - (before or set()):
                path.unlink()
            if before is None and home.exists():
                home.rmdir()


def _until_running() -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        plain = os.environ | {"LC_ALL": "C"}
        told = subprocess.run(["lpstat", "-r"], capture_output=True, check=False, env=plain).stdout
        if b"is running" in told:
            return
        time.sleep(0.05)
    raise AssertionError("the print server does not answer")
