"""Make the files that an office installs.

    python3 installers/start.py package [windows|deb|uos] [--key FILE] [--out DIR]

Beside them come SHA256SUMS and, with the maker's private key (Ed25519, PEM), its signature; the public key
goes into the program, which takes its next version only from the same maker.  Without a key the program says
that it cannot check where an update comes from.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from installers.package_tree import HERE, ROOT, PackageError, load_choices, moment, say

TARGETS = ("windows", "deb", "uos")
USUAL = ("windows", "deb")
LOCK = HERE / "requirements-package.txt"
SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"


def main(words: Sequence[str]) -> int:
    """Make what is asked for; 0 done, 2 bad words, 3 the machine does not allow it."""
    parser = argparse.ArgumentParser(prog="start.py package", description="制作安装文件")
    parser.add_argument("target", nargs="?", choices=TARGETS, help="只做一种；不写则做 windows 和 deb")
    parser.add_argument("--key", type=Path, help="制作者的私钥（Ed25519，PEM），用来给校验值清单签名")
    parser.add_argument("--new-key", type=Path, metavar="FILE", help="生成一把私钥放入 FILE，然后结束")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="放在哪个文件夹（默认 dist）")
    asked = parser.parse_args(words)
    try:
        if asked.new_key is not None:
            make_key(asked.new_key)
            return 0
        targets = (asked.target,) if asked.target else USUAL
        made = make(targets, asked.out.resolve(), asked.key)
    except PackageError as refused:
        say(str(refused))
        return 3
    for path in made:
        say(f"{path}（{path.stat().st_size / 1e6:.1f} MB）")
    return 0


def make(targets: Sequence[str], out: Path, key_file: Path | None) -> list[Path]:
    """Make the installers for these targets, the list of their hashes and its signature; return all."""
    from installers import package_deb, package_windows

    key = public_key(key_file) if key_file else ""
    out.mkdir(parents=True, exist_ok=True)
    cache = ROOT / "build" / "package"
    cache.mkdir(parents=True, exist_ok=True)
    tools = make_tools(cache)
    made: list[Path] = []
    for target in targets:
        begun = time.monotonic()
        say(f"── {target}")
        with tempfile.TemporaryDirectory(prefix="work-", dir=cache) as folder:
            work = Path(folder)
            work.chmod(0o755)
            if target == "windows":
                made.append(package_windows.build(work, out, tools, load_choices(), key, moment()))
            else:
                made.append(package_deb.build(target, work, out, tools, load_choices(), key, moment()))
        say(f"── {target}：完成（{time.monotonic() - begun:.0f} 秒）")
    return [*made, *write_sums(out, key_file)]


def make_tools(cache: Path) -> Path:
    """Put the locked tools of the making into the cache, once for each lock; return their folder."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    tools = cache / f"tools-{lock[:16]}"
    if not (tools / "done").exists():
        shutil.rmtree(tools, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--only-binary", ":all:"]
        done = subprocess.run([*pip, "--require-hashes", "--target", tools, "-r", LOCK], check=False)
        if done.returncode != 0:
            raise PackageError("制作安装文件所需的组件未能取得，请检查网络。")
        (tools / "done").touch()
    return tools


# --------------------------------------------------------------------------------------- hashes, signature
def make_key(path: Path) -> None:
    """Write a new private key, readable by its owner only; never over another file."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(pem)
    except OSError as error:
        raise PackageError(f"未能写入 {path}：{error}") from error
    say(f"私钥已放入 {path}。请另存一份并妥善保管：以后的版本要用同一把签名。\n公钥：{public_key(path)}")


def _load_key(path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise PackageError(f"私钥不能使用：{path}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PackageError(f"私钥不是 Ed25519：{path}")
    return key


def public_key(path: Path) -> str:
    """Return the public key of a private one (base64); raises ``PackageError``."""
    return base64.b64encode(_load_key(path).public_key().public_bytes_raw()).decode("ascii")


def write_sums(out: Path, key_file: Path | None) -> list[Path]:
    """Write the SHA-256 of every installer in ``out`` and sign the list where there is a key."""
    names = sorted(path.name for path in out.iterdir() if path.suffix in {".deb", ".exe"})
    lines = [f"{hashlib.sha256((out / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    sums, signature = out / SUMS, out / SIGNATURE
    sums.write_text("".join(lines), encoding="utf-8")
    if key_file is None:
        signature.unlink(missing_ok=True)
        return [sums]
    signed = _load_key(key_file).sign(sums.read_bytes())
    signature.write_text(base64.b64encode(signed).decode("ascii") + "\n", encoding="ascii")
    return [sums, signature]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
