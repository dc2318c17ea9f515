"""Debian packages (系统软件包): install a few where apt and the rights are there."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache

LOCK_WAIT_SECONDS = 300
DOWNLOAD_LIMIT_SECONDS = 900


class NotInstalled(Exception):  # noqa: N818 - a reason to tell the reader, not a fault
    """The packages could not be had; the message is one plain line."""


def install(*packages: str) -> None:
    """Install packages, waiting for a busy apt; refuse with the reason in one line."""
    apt = _apt()
    wanted = " ".join(packages)
    _refresh()
    failure = _run(
        [*apt, "install", "--yes", "--no-install-recommends", *packages],
        DOWNLOAD_LIMIT_SECONDS,
    )
    if failure:
        message = f"apt-get install {wanted} failed: {failure}"
        raise NotInstalled(message)


@lru_cache(maxsize=1)
def _refresh() -> None:
    """Bring the package lists up to date, once; a failure shows when installing."""
    _run([*_apt(), "update"], DOWNLOAD_LIMIT_SECONDS)


def _apt() -> list[str]:
    """Give the command that may install here, or refuse."""
    if shutil.which("apt-get") is None:
        message = "this system has no apt-get"
        raise NotInstalled(message)
    command = ["apt-get", "--quiet", "--option", f"DPkg::Lock::Timeout={LOCK_WAIT_SECONDS}"]
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") and not _run(["sudo", "--non-interactive", "true"], 5):
        return ["sudo", "--non-interactive", *command]
    message = "installing packages needs root or password-less sudo"
    raise NotInstalled(message)


def _run(command: list[str], limit: int) -> str:
    """Run a command silently and give its last line of complaint, empty when all went well."""
    try:
        done = subprocess.run(
            command,
            check=False,
            timeout=limit,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {limit} s"
    if done.returncode == 0:
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"
