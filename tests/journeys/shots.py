"""Photographs of every page of every role, on a phone and at a desk (全站照片).

`python -m tests.journeys.shots` builds a demonstration city under .cache/, serves it, and writes
shots/ROLE-PAGE-SIZE.png. Words after the command choose roles.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error, sync_playwright

from tests.journeys.conftest import QUIET
from tests.journeys.site import ROOT, environment_for, serving
from tools import provision

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desk": {"viewport": {"width": 1440, "height": 900}},
}
STAFF_LISTS = (
    "/households",
    "/households?overdue=1",
    "/needs",
    "/visits",
    "/resources",
    "/programmes",
)
PAGES: dict[str, tuple[str, ...]] = {
    "visitor": ("/", "/login", "/register", "/privacy", "/nowhere"),
    "volunteer": (
        "/me",
        "/tasks",
        "/me/tasks",
        "/visits",
        "/me/messages",
        "/me/settings",
        "/programmes",
    ),
    "donor": ("/me", "/tasks?kind=goods", "/me/tasks", "/me/gifts", "/programmes"),
    "worker": ("/me", *STAFF_LISTS, "/households/import", "/me/messages", "/me/settings"),
    "supervisor": ("/me", *STAFF_LISTS),
    "foundation": ("/me", "/programmes", "/resources", "/programmes/new"),
    "keeper": ("/me", "/resources"),
    "officer": ("/me", "/households", "/resources/towns"),
    "liaison": ("/me",),
    "auditor": ("/me", "/audit"),
    "admin": ("/me", "/admin", "/admin/users", "/admin/invitations", "/admin/organisations"),
}
# one page of each kind that a list leads to: the list, what its links look like, and the name of the photograph
DETAILS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "volunteer": (
        ("/tasks", r"/tasks/T-\w+$", "task"),
        ("/me/tasks", r"/claims/C-\w+$", "claim"),
        ("/me/tasks", r"/visits/new\?claim=C-\w+$", "record"),
        ("/visits", r"/visits/V-\w+$", "visit"),
    ),
    "donor": (
        ("/tasks?kind=goods", r"/tasks/T-\w+$", "task"),
        ("/me/gifts", r"/resources/R-\w+$", "gift"),
    ),
    "worker": (
        ("/households", r"/households/\d{6}[A-Z]{2}\d{10}$", "file"),
        ("/needs", r"/needs/N-\w+$", "need"),
        ("/visits", r"/visits/V-\w+$", "visit"),
        ("/resources", r"/resources/R-\w+$", "gift"),
    ),
    "supervisor": (("/needs?state=under_review", r"/needs/N-\w+$", "review"),),
    "foundation": (("/programmes", r"/programmes/P-\w+$", "programme"),),
    "admin": (("/admin/users", r"/admin/users/U-\w+$", "user"),),
}
FILE_PARTS = ("needs/new", "edit", "consents/new", "state", "unmask")


def main(roles: list[str]) -> None:
    """Take them."""
    instance = ROOT / ".cache" / "shots"
    shutil.rmtree(instance, ignore_errors=True)
    instance.mkdir(parents=True)
    for words in (["init"], ["demo"]):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        subprocess.run(
            command,
            cwd=ROOT,
            env=environment_for(instance, 0) | {"SHANLIN_PORT": "8000"},
            check=True,
        )
    chromium = provision.look().get("chromium")
    with serving(instance) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for role in roles or list(PAGES):
            for size, options in SIZES.items():
                context = browser.new_context(base_url=site.url, locale="zh-CN", **options)
                _photograph(context.new_page(), role, size)
                context.close()
        browser.close()


def _photograph(page: Page, role: str, size: str) -> None:
    if role != "visitor":
        page.goto("/login")
        page.fill("[name=username]", role)
        page.fill("[name=password]", "shanlin-demo")
        page.click("main button[type=submit]")
        page.wait_for_url("**/me")
    for path in PAGES[role]:
        _take(page, role, size, path, _name(path))
    for path, wanted, name in DETAILS.get(role, ()):
        page.goto(path)
        found = _first_link(page, wanted)
        if found is None:
            sys.stderr.write(f"{role} {size}: nothing on {path} leads to {name}\n")
            continue
        _take(page, role, size, found, name)
        if name == "file":
            for part in FILE_PARTS:
                _take(page, role, size, f"{found}/{part}", f"file-{_name(part)}")


def _take(page: Page, role: str, size: str, path: str, name: str) -> None:
    folder = ROOT / "shots"
    folder.mkdir(exist_ok=True)
    try:
        page.goto(path)
        page.screenshot(path=folder / f"{role}-{name}-{size}.png", full_page=True)
    except Error as error:
        sys.stderr.write(f"{role} {path}: {error.message.splitlines()[0]}\n")


def _first_link(page: Page, wanted: str) -> str | None:
    hrefs = page.eval_on_selector_all(
        "main a[href]", "links => links.map(a => a.getAttribute('href'))"
    )
    return next((href for href in hrefs if re.search(wanted, href)), None)


def _name(path: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", path.split("#", maxsplit=1)[0].lower()).strip("-")
    return plain or "front"


if __name__ == "__main__":
    main(sys.argv[1:])
