"""What the tests need from the machine (测试环境): a browser, PostgreSQL, a Chinese font.

What is missing is fetched. The answer is a small file that the tests read, so that whatever could
not be had is named and never skipped in silence.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import debian

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / ".cache" / "provisioned.json"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT_BROWSERS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
CJK_FONTS = (
    "*[Cc][Jj][Kk]*-Regular.[ot]t[cf]",
    "*[Cc][Jj][Kk]*.[ot]t[cf]",
    "wqy-*.tt[cf]",
    "PingFang.ttc",
)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "~/.fonts")
TRY_AGAIN_SECONDS = 3600


@dataclass(frozen=True)
class Want:
    """One thing the tests need: how to find it, and the ways to get it, best first."""

    name: str
    find: Callable[[], str | None]
    ways: tuple[Callable[[], None], ...]


def find_chromium() -> str | None:
    """Give the browser for journey tests: CHROMIUM, one on PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or _playwright_chromium()


def find_postgres() -> str | None:
    """Give the folder that holds PostgreSQL's server programs, the newest one of several."""
    folders = [os.environ.get("POSTGRES_BINDIR", "")]
    if shutil.which("pg_config"):
        folders.append(_output("pg_config", "--bindir"))
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders += map(str, sorted(versions, key=_version, reverse=True))
    folders += [str(Path(server).parent) for server in [shutil.which("postgres")] if server]
    return next((folder for folder in folders if _serves(folder)), None)


def find_chinese_font() -> str | None:
    """Give a font file with Chinese characters; without one every screenshot shows boxes."""
    for folder in FONT_FOLDERS:
        for pattern in CJK_FONTS:
            found = min(Path(folder).expanduser().rglob(pattern), default=None)
            if found:
                return str(found)
    return None


def look() -> dict[str, str]:
    """Find what is here, installing nothing."""
    found = {want.name: want.find() for want in WANTS}
    return {name: place for name, place in found.items() if place}


def main() -> None:
    """Get whatever is missing and write down what was found and what was not."""
    before = _recorded()
    found = look()
    missing: dict[str, str] = {}
    for want in WANTS:
        if want.name in found:
            continue
        missing[want.name] = _still_fresh(before, want.name) or _get(want)
        place = want.find()
        if place:
            found[want.name] = place
            del missing[want.name]
    tried_at = before.get("tried_at", 0) if missing == before.get("missing") else int(time.time())
    record = {"found": found, "missing": missing, "tried_at": tried_at}
    if record != before:
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _get(want: Want) -> str:
    """Try every way to get a thing; give the reasons why none worked, empty when one did."""
    print(f"Getting {want.name} for the tests …", flush=True)
    reasons = []
    for way in want.ways:
        try:
            way()
        except debian.NotInstalled as reason:
            reasons.append(str(reason))
        if want.find():
            return ""
    return "; ".join(reasons) or "installed, but still not found"


def _still_fresh(before: dict[str, object], name: str) -> str:
    """Give the reason of a failure less than an hour old: trying again would only cost time."""
    tried_at, missing = before.get("tried_at"), before.get("missing")
    if not isinstance(missing, dict) or not isinstance(tried_at, int):
        return ""
    fresh = time.time() - tried_at < TRY_AGAIN_SECONDS
    return str(missing.get(name, "")) if fresh else ""


def _recorded() -> dict[str, object]:
    try:
        record: dict[str, object] = json.loads(RECORD.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record


def _debian_chromium() -> None:
    debian.install("chromium", "fonts-noto-cjk")


def _own_chromium() -> None:
    """Let Playwright fetch the browser it was made for."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            check=False,
            timeout=debian.DOWNLOAD_LIMIT_SECONDS,
            capture_output=True,
        )
    except subprocess.TimeoutExpired:
        message = "playwright install gave no answer"
        raise debian.NotInstalled(message) from None
    if done.returncode:
        message = "playwright install failed"
        raise debian.NotInstalled(message)


def _debian_postgres() -> None:
    debian.install("postgresql")


def _debian_font() -> None:
    debian.install("fonts-noto-cjk")


def _playwright_chromium() -> str | None:
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright"
    for folder in (home, "~/Library/Caches/ms-playwright"):
        for pattern in PLAYWRIGHT_BROWSERS:
            found = max(Path(folder).expanduser().glob(pattern), default=None)
            if found:
                return str(found)
    return None


def _serves(folder: str) -> bool:
    programs = ("initdb", "pg_ctl", "postgres")
    return bool(folder) and all((Path(folder) / program).exists() for program in programs)


def _version(bindir: Path) -> float:
    try:
        return float(bindir.parent.name)
    except ValueError:
        return 0.0


def _output(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


WANTS = (
    Want("chromium", find_chromium, (_debian_chromium, _own_chromium)),
    Want("postgresql", find_postgres, (_debian_postgres,)),
    Want("chinese font", find_chinese_font, (_debian_font,)),
)

if __name__ == "__main__":
    main()
