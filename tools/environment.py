"""The environment (运行环境): make .venv and install the lock, only when something changed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "shanlin-installed.json"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> None:
    """Install what the lock says; `--dev` adds what tests and checks need."""
    _insist_on_python()
    purpose = "dev" if "--dev" in sys.argv[1:] else "run"
    if _installed(purpose):
        return
    if not _usable():
        _make_venv()
    lock = LOCKS[purpose]
    print(f"Installing {lock.name} into {VENV.name} …", flush=True)
    pip = [str(VENV_PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "install", "--require-hashes", "--requirement", str(lock)], check=False
    )
    if done.returncode:
        sys.exit(f"Installing {lock.name} failed; pip's own message is above.")
    _stamp(purpose)


def _insist_on_python() -> None:
    """Go on under a newer Python when this one is too old and a newer one is here."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for name in NEWER_PYTHONS:
        newer = shutil.which(name)
        if newer:
            os.execv(newer, [newer, "-m", "tools.environment", *sys.argv[1:]])  # noqa: S606
    sys.exit(
        "Shanlin needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3"
    )


def _make_venv() -> None:
    """Create .venv afresh, fetching Debian's missing half of `venv` when that is allowed."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        try:
            debian.install("python3-venv")
        except debian.NotInstalled as reason:
            sys.exit(f"Python's venv is missing; install the package python3-venv ({reason}).")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
    if done.returncode:
        sys.exit("Could not create .venv; Python's own message is above.")


def _usable() -> bool:
    """Tell whether .venv holds a working interpreter of the version that runs this."""
    return VENV_PYTHON.exists() and _stamped().get("python", _python()) == _python()


def _installed(purpose: str) -> bool:
    """Tell whether .venv already holds what this purpose needs; no package is looked at."""
    stamped = _stamped()
    return _usable() and stamped.get(purpose) == _digest(LOCKS[purpose])


def _stamp(purpose: str) -> None:
    """Remember what was installed; the dev lock contains the run lock whole."""
    contained = ("run", "dev") if purpose == "dev" else ("run",)
    installed = {name: _digest(LOCKS[name]) for name in contained}
    STAMP.write_text(json.dumps({"python": _python(), **installed}), encoding="utf-8")


def _stamped() -> dict[str, str]:
    try:
        stamped: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamped


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _python() -> str:
    return f"{Path(sys.base_prefix).resolve()} {sys.version.split()[0]}"


if __name__ == "__main__":
    main()
