"""The lock files (依赖锁定): every package with its hashes, for every platform, naming no host."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN_VENV = ROOT / ".cache" / "lock"
COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate"),
)


def main() -> None:
    """Write both locks; a locked version stays unless pyproject.toml or --upgrade says so."""
    uv = _uv()
    extra = [argument for argument in sys.argv[1:] if argument.startswith("--upgrade")]
    for lock, more in (
        ("requirements.lock", []),
        ("requirements-dev.lock", ["--group", "dev", "--constraint", "requirements.lock"]),
    ):
        subprocess.run(
            [uv, *COMPILE, "pyproject.toml", *more, *extra, "--output-file", lock],
            cwd=ROOT,
            check=True,
        )
        _refuse_addresses(ROOT / lock)


def _uv() -> str:
    """Give the uv that pyproject.toml pins, in a scratch environment of its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["dependency-groups"]["lock"]
    uv = OWN_VENV / "bin" / "uv"
    pin = wanted[0].partition("==")[2]
    if not uv.exists() or pin not in _version(uv):
        venv.create(OWN_VENV, clear=True, with_pip=True)
        pip = [str(OWN_VENV / "bin" / "pip"), "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", *wanted], check=True)
    return str(uv)


def _version(uv: Path) -> str:
    return subprocess.run([str(uv), "--version"], check=True, capture_output=True, text=True).stdout


def _refuse_addresses(lock: Path) -> None:
    """Stop at an address: it would tie every reader to one package index."""
    if re.search(r"://|^--", lock.read_text(encoding="utf-8"), re.MULTILINE):
        sys.exit(f"{lock.name} names a package index: remove it before committing.")


if __name__ == "__main__":
    main()
