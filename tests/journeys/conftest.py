"""Browsers for journeys: a phone for volunteers and donors, a desk for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.site import PASSWORD, Site, serving, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """Debian's Chromium, or whichever the machine has."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A new city with people in it, served."""
    settle(tmp_path)
    with serving(tmp_path) as site:
        yield site


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Sign somebody in, on a phone or at a desk; any script error or broken policy fails the test at its end."""
    troubles: list[str] = []
    contexts = []

    def sign_in(username: str, *, on_phone: bool = False) -> Page:
        context = browser.new_context(
            base_url=site.url, locale="zh-CN", **(PHONE if on_phone else DESK)
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console", lambda line: troubles.append(line.text) if line.type == "error" else None
        )
        page.goto("/login")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/me")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    # a refusal's status code is noted by the browser as an error of the network, which it is not
    assert [line for line in troubles if "status of 4" not in line] == []
