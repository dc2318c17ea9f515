"""Whoever comes must be able to use it: listening, with a keyboard, on 320 px, in large print, without scripts."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.shots import (
    CLAIM,
    DEMO_PASSWORD,
    FILE,
    GIFT,
    NEED,
    TASK,
    VISIT,
    first_link,
    sign_in,
)
from tests.journeys.site import ROOT, Site, environment_for, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

HUNDRED_KB = 100_000
SERIOUS = {"serious", "critical"}
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
}
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LARGER = "size => document.documentElement.setAttribute('data-print', size)"
# where a role begins, and what kinds of page lead on from a list: (list, what its links look like)
RECORD, MEMBERS = r"tab=record\b", r"tab=members\b"
WALKS: dict[str, tuple[str | tuple[str, str], ...]] = {
    "visitor": ("/", "/login", "/register"),
    "volunteer": (
        *("/me", "/tasks", "/me/tasks", "/me/settings", "/me/messages"),
        *(("/tasks", TASK), ("/me/tasks", CLAIM), ("/visits", VISIT)),
    ),
    "donor": ("/me", "/me/gifts", ("/me/gifts", GIFT), ("/programmes", r"/programmes/P-\w+$")),
    "worker": (
        *("/me", "/households", "/needs", "/visits", "/households/import", "/households/new"),
        *(("/households", FILE), (FILE, r"/needs/new$"), (FILE, r"/visits/new\?household=")),
        *((FILE, RECORD), (RECORD, r"/sections/support/edit$"), (FILE, MEMBERS)),
        *((MEMBERS, r"/members/new$"), (MEMBERS, r"/members/\w+/edit$")),
        *(("/needs", NEED), ("/visits?state=submitted", VISIT)),
        *(("/households?state=draft", FILE), (FILE, r"/intake$")),
    ),
    "supervisor": ("/me",),
    "foundation": ("/me", ("/programmes", r"/programmes/P-\w+$")),
    "keeper": ("/me", "/resources"),
    "officer": ("/me", "/resources/towns"),
    "auditor": ("/me", "/audit"),
    "admin": ("/me", "/admin", "/admin/users", "/admin/invitations"),
}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration city, served; read by every test here, so built once."""
    instance = tmp_path_factory.mktemp("city")
    environment = environment_for(instance, 8000)
    for words in ("init", "demo"):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", words]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    with serving(instance) as site:
        yield site


@contextlib.contextmanager
def entered(browser: Browser, city: Site, role: str, **options: Any) -> Iterator[Page]:
    """Somebody of a role, signed in."""
    context: BrowserContext = browser.new_context(
        base_url=city.url, locale="zh-CN", bypass_csp=True, **{**PHONE, **options}
    )
    page = context.new_page()
    if role != "visitor":
        sign_in(page, role, DEMO_PASSWORD)
    yield page
    context.close()


def walk(page: Page, role: str) -> Iterator[str]:
    """Open a role's pages one after the other."""
    seen: dict[str, str] = {}
    for step in WALKS[role]:
        if isinstance(step, str):
            page.goto(step)
            yield step
            continue
        start, wanted = step
        page.goto(seen.get(start, start))
        found = first_link(page, wanted)
        assert found, f"nothing on {start} looks like {wanted}"
        seen[wanted] = found
        page.goto(found)
        yield found


def troubles(page: Page, where: str) -> list[str]:
    """What a screen reader or weak eyes would stumble over."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{where}: {one['id']} at {node['target']}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("role", WALKS)
def test_nothing_serious_is_in_anybodys_way_and_no_page_moves_sideways(
    browser: Browser, city: Site, role: str
) -> None:
    found: list[str] = []
    with entered(browser, city, role) as page:
        for where in walk(page, role):
            found += troubles(page, f"{where} (phone)")
            page.set_viewport_size({"width": 320, "height": 640})
            for size in ("normal", "large"):
                page.evaluate(LARGER, size)
                if (over := page.evaluate(OVER)) > 0:
                    found.append(f"{where}: {over} px too wide at 320 px, {size} print")
            page.evaluate(LARGER, "normal")
            page.set_viewport_size(DESK["viewport"])
            found += troubles(page, f"{where} (desk)")
            page.set_viewport_size(PHONE["viewport"])
    assert found == []


def test_the_dark_has_contrast_too(browser: Browser, city: Site) -> None:
    found: list[str] = []
    with entered(browser, city, "volunteer", color_scheme="dark") as page:
        for where in ("/tasks", "/me", "/me/settings"):
            page.goto(where)
            found += troubles(page, where)
    with entered(browser, city, "worker", color_scheme="dark", **DESK) as page:
        for where in ("/me", "/households"):
            page.goto(where)
            found += troubles(page, where)
    assert found == []


def test_a_keyboard_reaches_the_one_action(browser: Browser, city: Site) -> None:
    with entered(browser, city, "volunteer") as page:
        page.goto("/tasks")
        found = first_link(page, TASK)
        assert found
        page.goto(found)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        for _ in range(25):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText.trim() === '认领'"):
                break
        expect(page.get_by_role("button", name="认领")).to_be_focused()
        box = page.get_by_role("button", name="认领").bounding_box()
        assert box, "the action is on the screen"
        assert box["height"] >= 44


def test_claiming_and_recording_need_no_scripts(browser: Browser, city: Site) -> None:
    with entered(browser, city, "volunteer", java_script_enabled=False) as page:
        page.goto("/tasks?kind=visit")
        page.locator("article.task h2 a").first.click()
        page.locator("[name=pledge]").check(force=True)
        page.locator("[name=unrelated]").check(force=True)
        page.get_by_role("button", name="认领", exact=True).click()
        expect(page.locator(".flashes")).to_contain_text("认领好了")
        page.get_by_role("link", name="去记录", exact=True).click()
        page.get_by_role("button", name="交回", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("这次见到谁了")
        page.locator("[name=result][value=nobody]").check(force=True)
        page.fill("[name=text]", "敲门没有人应，邻居说出去买菜了")
        page.get_by_role("button", name="交回", exact=True).click()
        expect(page).to_have_url(re.compile(r"/visits/V-"))


def test_the_first_screen_is_light(browser: Browser, city: Site) -> None:
    with entered(browser, city, "volunteer") as page:
        state = page.context.storage_state()
    context = browser.new_context(base_url=city.url, storage_state=state, **PHONE)
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.__setitem__(answer.url, len(answer.body())))
    page.goto("/tasks", wait_until="networkidle")
    context.close()
    assert len(sizes) > 5, "styles and scripts were counted"
    total = sum(sizes.values())
    assert total < HUNDRED_KB, sorted(sizes.items(), key=lambda one: -one[1])
