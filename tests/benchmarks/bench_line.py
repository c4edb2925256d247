"""Measures sending over bad lines, with a plain multipart upload and tuspy beside it in the same run.

Run as root from the project folder: ``python -m tests.benchmarks.bench_line [--lines A,B] [--seeds 5]``.
Prints for each sender the share of the line's rate that the report used, from opening the program's
conversation to the verified receipt («whole»), and for the transfer alone; and the bytes beyond the report
in all connections, all headers above TCP counted.  tuspy is measured where it is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.model.submission import Attempt
from app.practice import create_app
from app.practice.key import key_fingerprint
from app.transport.base import Package
from app.transport.courier import Timing
from app.transport.lanes import Pace
from app.transport.platform import PlatformTransport
from tests.adapters.certificates import make_certificates
from tests.adapters.platform_fixture import IN_TIME, PASSWORD, bundle, package, site
from tests.benchmarks.bad_line import SERVER, BadLine, Quality
from tests.conftest import ROOT

PORT = 8443
LIMIT = 120.0
LINES = {
    "A": (Quality(2e6, 0.3, 0.03), 2_500_000),
    "B": (Quality(1e6, 0.4, 0.05, 12.0, 2.0), 1_500_000),
    "C": (Quality(256e3, 0.6, 0.10, 12.0, 3.0), 400_000),
    "thin": (Quality(16e3, 0.8, 0.02), 60_000),
    "clean": (Quality(20e6, 0.02, 0.0), 10_000_000),
}
TEXT = "线路"
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


# --------------------------------------------------------------------------------------------- the far end
def serve(folder: Path) -> None:
    """Serve the rehearsal platform and, for the others, plain multipart and a plain tus upload."""
    clock = lambda: IN_TIME  # noqa: E731
    platform = create_app(site(), folder / "platform", clock)
    (folder / "key").write_text(key_fingerprint(platform.state.platform.key))
    uploads: dict[str, bytearray] = {}
    tus = {"Tus-Resumable": "1.0.0"}

    async def multipart(request: Request) -> Response:
        return Response(hashlib.sha256(await request.body()).hexdigest())

    async def begin(request: Request) -> Response:
        name = str(len(uploads))
        uploads[name] = bytearray()
        return Response(status_code=201, headers={**tus, "Location": f"/tus/{name}"})

    async def append(request: Request) -> Response:
        content = uploads[request.path_params["name"]]
        if request.method == "PATCH":
            if int(request.headers["upload-offset"]) != len(content):
                return Response(status_code=409, headers=tus)
            async for block in request.stream():
                content += block
        return Response(status_code=204, headers={**tus, "Upload-Offset": str(len(content))})

    others = Starlette(
        routes=[
            Route("/multipart", multipart, methods=["POST"]),
            Route("/tus/", begin, methods=["POST"]),
            Route("/tus/{name}", append, methods=["HEAD", "PATCH"]),
        ]
    )

    async def serve_both(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(("/multipart", "/tus")):
            await others(scope, receive, send)
            return
        # the platform speaks to this machine only; here it is reached by another name
        heads = [(key, b"127.0.0.1" if key == b"host" else value) for key, value in scope["headers"]]
        await platform({**scope, "headers": heads}, receive, send)

    uvicorn.run(
        serve_both,
        host=SERVER,
        port=PORT,
        ssl_certfile=str(folder / "chain.pem"),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
    )


# -------------------------------------------------------------------------------------------- the near end
def send(kind: str, folder: Path, most: int) -> dict[str, float]:
    """Send the report in one way; gives seconds for the whole and for the transfer, and its share."""
    path = next(folder.glob("*.shenbao"))
    began = time.monotonic()
    if kind == "ours":
        return _send_ours(folder, path, most)
    if kind == "multipart":
        with path.open("rb") as file:
            requests.post(
                f"https://{SERVER}:{PORT}/multipart",
                files={"file": file},
                timeout=LIMIT,
                verify=str(folder / "root.pem"),
            ).raise_for_status()
    else:
        from tusclient.client import TusClient  # type: ignore[import-not-found]

        client = TusClient(f"https://{SERVER}:{PORT}/tus/")
        uploader = client.uploader(
            str(path), chunk_size=64 << 10, retries=60, retry_delay=1, verify_tls_cert=False
        )
        uploader.upload()
    took = time.monotonic() - began
    return {"whole": took, "transfer": took}


def _send_ours(folder: Path, path: Path, most: int) -> dict[str, float]:
    head = bundle(TEXT)
    fingerprint = json.loads(head)["fingerprint"]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    parcel = Package("small", "report", TEXT, path, sha256, fingerprint)
    told: list[tuple[float, int]] = []
    attempts: list[Attempt] = []
    transport = PlatformTransport(
        f"https://{SERVER}:{PORT}",
        "filler",
        trusted_key=(folder / "key").read_text(),
        password=PASSWORD,
        extra_root=folder / "root.pem",
        attempted=attempts.append,
        timing=Timing(tries=60, first_tries=30, now=lambda: IN_TIME),
    )
    if most:
        transport.pace = Pace(lanes=most)
    began = time.monotonic()
    with transport:
        transport.send(
            parcel, report=lambda done, _: told.append((time.monotonic(), done)), cancelled=lambda: False
        )
        whole = time.monotonic() - began
    size = path.stat().st_size
    arriving = [(at, done) for at, done in told if done > 0]
    end = next(at for at, done in arriving if done == size)
    share = (size - arriving[0][1]) / size
    return {
        "whole": whole,
        "transfer": (end - arriving[0][0]) / share if share else 0.01,
        "first": arriving[0][0] - began,
        "attempts": len(attempts),
    }


# ----------------------------------------------------------------------------------------------- measuring
def measure(letter: str, kind: str, seed: int, most: int) -> dict[str, float] | None:
    """Send once over a fresh line; None where it did not come to an end in time."""
    quality, size = LINES[letter]
    with (
        tempfile.TemporaryDirectory(dir=MEMORY) as name,
        BadLine(f"sb{os.getpid() % 9999}", quality, seed) as line,
    ):
        folder = Path(name)
        make_certificates(folder, SERVER)
        package(folder, TEXT, size)
        module = [sys.executable, "-m", "tests.benchmarks.bench_line"]
        inside = ["ip", "netns", "exec"]
        far = subprocess.Popen([*inside, line.far, *module, "serve", str(folder)], cwd=ROOT)
        try:
            _wait_for(folder, line)
            line.restart()
            words = [*inside, line.near, *module, "send", str(folder), "--kind", kind, "--most", str(most)]
            done = subprocess.run(words, cwd=ROOT, capture_output=True, timeout=LIMIT, check=False, text=True)
        except subprocess.TimeoutExpired:
            return None
        finally:
            far.kill()
            far.wait()
        if done.returncode:
            sys.stderr.write(done.stderr[-600:])
            return None
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        found["beyond"] = line.count.stream / size - 1
        found["packets"] = line.count.offered / size - 1
        found["connections"] = float(len(line.count.flows))
        return found


def _wait_for(folder: Path, line: BadLine) -> None:
    for _ in range(200):
        time.sleep(0.1)
        listening = subprocess.run(
            ["ip", "netns", "exec", line.far, "ss", "-ltn"], capture_output=True, text=True, check=True
        ).stdout
        if f":{PORT}" in listening and (folder / "key").exists():
            return
    raise RuntimeError("the platform does not listen")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="?", default="measure")
    parser.add_argument("folder", nargs="?", default=".")
    parser.add_argument("--kind", default="")
    parser.add_argument("--lines", default="A,B,C,clean")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=1, help="seed to begin with; 6 for those not tuned on")
    parser.add_argument("--most", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.what == "serve":
        serve(Path(chosen.folder))
        return
    if chosen.what == "send":
        print(json.dumps(send(chosen.kind, Path(chosen.folder), chosen.most)))
        return
    kinds = chosen.kind.split(",") if chosen.kind else ["ours", "multipart"]
    if not chosen.kind and find_spec("tusclient") is not None:
        kinds.append("tuspy")
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    for letter in chosen.lines.split(","):
        quality, size = LINES[letter]
        for kind in kinds:
            runs = [measure(letter, kind, seed, chosen.most) for seed in seeds]
            good = [run for run in runs if run is not None]
            line = f"{letter:5} {kind:10} {len(good)}/{len(runs)}"
            if good:
                for key in ("whole", "transfer"):
                    shares = [size * 8 / run[key] / quality.rate for run in good]
                    line += f"  {key} {statistics.median(shares):.1%} ({min(shares):.0%}-{max(shares):.0%})"
                for key in ("beyond", "packets"):
                    line += f"  {key} +{statistics.median(run[key] for run in good):.1%}"
                line += f"  connections {statistics.median(run['connections'] for run in good):.0f}"
                line += f"  seconds {statistics.median(run['whole'] for run in good):.1f}"
                if "first" in good[0]:
                    line += f"  first byte {statistics.median(run['first'] for run in good):.1f}"
            print(line, flush=True)


if __name__ == "__main__":
    assert ssl.HAS_TLSv1_3 and os.name == "posix"
    main()
