"""What the machine offers the tests (测试所需): a browser, PostgreSQL, a Chinese font.

A test that asks for something the machine lacks is skipped; the end of the run names the gap,
and under CI=true the run fails.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tools import provision

GAP = "not on this machine: "
MISSING = pytest.StashKey[dict[str, str]]()


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser for journey tests."""
    return _place("chromium")


@pytest.fixture(scope="session")
def postgres_bindir() -> Path:
    """The folder of PostgreSQL's server programs."""
    return _place("postgresql")


@pytest.fixture(scope="session")
def chinese_font_path() -> Path:
    """A font that can write the interface."""
    return _place("chinese font")


def pytest_configure(config: pytest.Config) -> None:
    """Read what `make test` could not get."""
    config.stash[MISSING] = _recorded().get("missing", {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name what was not run, and why."""
    gaps = _gaps(terminalreporter, config)
    if gaps:
        terminalreporter.section("could not run on this machine", yellow=True)
    for name, (count, reason) in sorted(gaps.items()):
        terminalreporter.line(f"{name}: skipped tests {count}, because {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a CI run that could not run everything."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI", "").lower() != "true":
        return
    if session.exitstatus == pytest.ExitCode.OK and _gaps(reporter, session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _gaps(reporter: pytest.TerminalReporter, config: pytest.Config) -> dict[str, tuple[int, str]]:
    """Count the tests that each missing thing cost; a thing nobody asked for is still a gap."""
    missing = config.stash[MISSING]
    gaps = {name: (0, reason) for name, reason in missing.items()}
    for report in reporter.stats.get("skipped", []):
        _, found, name = str(report.longrepr).partition(GAP)
        if found:
            name = name.rstrip("')\n")
            count, reason = gaps.get(name, (0, "run `make test`, which fetches it"))
            gaps[name] = (count + 1, reason)
    return gaps


def _place(name: str) -> Path:
    place = _recorded().get("found", {}).get(name)
    if place is None or not Path(place).exists():
        place = provision.look().get(name)
    if place is None:
        pytest.skip(f"{GAP}{name}")
    return Path(place)


def _recorded() -> dict[str, dict[str, str]]:
    try:
        record: dict[str, dict[str, str]] = json.loads(provision.RECORD.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record
