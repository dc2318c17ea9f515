"""Photographs of every page of every role, on a phone and at a desk (全站照片).

`python -m tests.journeys.shots` builds a demonstration city under .cache/, serves it, and writes
shots/ROLE-PAGE-SIZE.png. Words after the command choose roles; of the options
  --keep    goes on with the city of the last time,
  --empty   serves a city that has people and no files (empty states),
  --dark --large --narrow --bare   add a look: dark, large print, 320 px, without scripts.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error, sync_playwright

from tests.journeys.conftest import QUIET
from tests.journeys.site import PASSWORD, ROOT, environment_for, serving, settle
from tools import provision

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    Take = Callable[[str], None]

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desk": {"viewport": {"width": 1440, "height": 900}},
}
NARROW = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
LARGE = "document.documentElement.setAttribute('data-print', 'large')"
DEMO_PASSWORD = "shanlin-demo"
SAMPLE = ROOT / "tests" / "data" / "ledger-sample.xlsx"

STAFF_LISTS = (
    "/households",
    "/households?overdue=1",
    "/needs",
    "/visits",
    "/resources",
    "/programmes",
    "/tasks",
    "/approvals",
)
EXPORTS = ("/exports", "/exports/new?list=households", "/exports/clear?category=DB")
OWN = ("/me/messages", "/me/settings")
PAGES: dict[str, tuple[str, ...]] = {
    "visitor": ("/", "/login", "/register", "/privacy", "/nowhere"),
    "volunteer": ("/me", "/tasks", "/me/tasks", "/visits", *OWN, "/programmes", "/households"),
    "donor": (
        "/me",
        "/tasks?kind=goods",
        "/tasks?kind=money",
        "/me/tasks",
        "/me/gifts",
        "/programmes",
    ),
    "worker": (
        "/me",
        "/me?mine=1",
        *STAFF_LISTS,
        "/households/import",
        "/households/twins",
        *EXPORTS,
        *OWN,
    ),
    "supervisor": ("/me", *STAFF_LISTS, "/audit/alerts", "/audit/alerts?all=1"),
    "foundation": ("/me", "/programmes", "/resources", "/programmes/new"),
    "keeper": ("/me", "/resources"),
    "officer": ("/me", "/households", "/resources/towns"),
    "liaison": ("/me", "/tasks"),
    "auditor": ("/me", "/audit", "/audit/alerts", "/exports/new?list=audit", "/resources"),
    "admin": ("/me", "/admin", "/admin/users", "/admin/invitations", "/admin/organisations"),
}
# one page of each kind that a list leads to: the list, what its links look like, the name of the photograph
FILE, NEED, VISIT, GIFT = (
    r"/households/\d{6}[A-Z]{2}\d{10}$",
    r"/needs/N-\w+$",
    r"/visits/V-\w+$",
    r"/resources/R-\w+$",
)
TASK, CLAIM = r"/tasks/T-\w+$", r"/claims/C-\w+$"
DETAILS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "volunteer": (
        ("/tasks", TASK, "task"),
        ("/me/tasks", CLAIM, "claim"),
        ("/visits", VISIT, "visit"),
    ),
    "donor": (
        ("/tasks?kind=goods", TASK, "task"),
        ("/tasks?kind=money", TASK, "task-money"),
        ("/me/gifts", GIFT, "gift"),
        ("/programmes", r"/programmes/P-\w+$", "programme"),
        ("@programme", r"/resources/pledge\?programme=", "pledge"),
    ),
    "worker": (
        ("/households", FILE, "file"),
        ("@file", r"tab=record\b", "file-record"),
        ("@file-record", r"/sections/income/edit$", "section"),
        ("@file", r"tab=members\b", "file-members"),
        ("@file-members", r"/members/new$", "member-new"),
        ("/households", r"/households/new$", "file-new"),
        ("/households?state=draft", FILE, "draft"),
        ("@draft", r"/intake$", "draft-intake"),
        ("@file", r"/needs/new$", "need-new"),
        ("@file", r"/visits/new\?household=", "record"),
        ("/households?expired=1", FILE, "file-expired"),
        ("/households?state=returned", FILE, "file-returned"),
        ("/approvals?view=mine", r"/approvals/A-\w+$", "approval"),
        ("/needs", NEED, "need"),
        ("/needs?state=published", NEED, "need-open"),
        ("/needs?state=returned", NEED, "need-returned"),
        ("@need-returned", r"/needs/N-\w+/edit$", "need-edit"),
        ("/visits", VISIT, "visit"),
        ("/visits?state=submitted", VISIT, "visit-confirm"),
        ("/resources", GIFT, "gift"),
        ("/programmes", r"/programmes/P-\w+$", "programme"),
    ),
    "supervisor": (
        ("/households?state=under_review", FILE, "file-waiting"),
        ("@file-waiting", r"/review$", "file-review"),
        ("/approvals", r"/approvals/A-\w+$", "approval"),
        ("/households?kin=1", FILE, "file-kin"),
        ("@file-kin", r"/kin$", "kin"),
        ("/audit/alerts", r"/audit/alerts/L-\w+$", "alert"),
        ("/needs?state=under_review", NEED, "review"),
        ("/visits?state=confirmed", VISIT, "visit"),
        ("@visit", r"/amend$", "visit-amend"),
    ),
    "foundation": (
        ("/programmes", r"/programmes/P-\w+$", "programme"),
        ("@programme", r"/programmes/P-\w+/edit$", "programme-edit"),
        ("/resources", GIFT, "gift"),
    ),
    "keeper": (
        ("/resources?state=pledged", GIFT, "gift-pledged"),
        ("@gift-pledged", r"/receive$", "receive"),
        ("/resources?state=received", GIFT, "gift-received"),
        ("@gift-received", r"/deliver$", "deliver"),
    ),
    "officer": (("/households", FILE, "file"),),
    "admin": (("/admin/users", r"/admin/users/U-\w+$", "user"),),
}
FILE_PARTS = (
    *(
        f"?tab={tab}"
        for tab in ("needs", "visits", "resources", "members", "documents", "consents", "changes")
    ),
    *("/edit", "/consents/new", "/unmask", "/state", "/state?to=paused", "/state?to=closed"),
    *("/class", "/tier", "/labels", "/kin", "/case", "/documents/new", "/print", "/minors"),
)
# forms sent with nothing in them
REFUSED = {
    "visitor": ("login", "register"),
    "volunteer": ("task", "record"),
    "donor": ("pledge",),
    "worker": ("need-new", "record", "file-unmask", "visit-confirm"),
    "foundation": ("programmes-new",),
    "keeper": ("receive", "deliver"),
    "admin": ("admin-invitations",),
}
EMPTY_NAMES = {
    "worker": "chen",
    "supervisor": "he",
    "volunteer": "ming",
    "donor": "juan",
    "foundation": "lin",
}


def main(words: list[str]) -> None:
    """Take them."""
    roles = [word for word in words if not word.startswith("--")]
    empty = "--empty" in words
    instance = ROOT / ".cache" / ("shots-empty" if empty else "shots")
    if "--keep" not in words or not instance.exists():
        _build(instance, empty=empty)
    chromium = provision.look().get("chromium")
    with serving(instance) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for role in roles or list(EMPTY_NAMES if empty else PAGES):
            for size, options in _sizes(words).items():
                _Album(browser, site.url, role, size, options, words).fill()
        browser.close()


def _build(instance: Path, *, empty: bool) -> None:
    shutil.rmtree(instance, ignore_errors=True)
    instance.mkdir(parents=True)
    if empty:
        settle(instance)
        return
    for words in (["init"], ["demo"]):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        subprocess.run(
            command,
            cwd=ROOT,
            env=environment_for(instance, 0) | {"SHANLIN_PORT": "8000"},
            check=True,
        )


def _sizes(words: list[str]) -> dict[str, dict[str, Any]]:
    look: dict[str, Any] = {"color_scheme": "dark"} if "--dark" in words else {}
    if "--bare" in words:
        look["java_script_enabled"] = False
    chosen = {"narrow": NARROW} if "--narrow" in words else SIZES
    suffix = "".join(
        f"-{word[2:]}" for word in words if word in ("--dark", "--large", "--empty", "--bare")
    )
    return {f"{size}{suffix}": options | look for size, options in chosen.items()}


class _Album:
    """The photographs of one role in one size."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        role: str,
        size: str,
        options: dict[str, Any],
        words: list[str],
    ) -> None:
        self.role, self.size, self.empty = role, size, "--empty" in words
        self.context = browser.new_context(base_url=url, locale="zh-CN", **options)
        if "--large" in words:
            self.context.add_init_script(f"addEventListener('DOMContentLoaded', () => {LARGE})")
        self.page = self.context.new_page()
        self.found: dict[str, str] = {}

    def fill(self) -> None:
        """Take every page, every detail, every scene and every refused form."""
        if self.role != "visitor":
            name = EMPTY_NAMES[self.role] if self.empty else self.role
            sign_in(self.page, name, PASSWORD if self.empty else DEMO_PASSWORD)
        for path in PAGES[self.role]:
            self.take(path, _name(path))
        for start, wanted, name in DETAILS.get(self.role, ()):
            self.follow(start, wanted, name)
        for scene in () if self.empty else SCENES.get(self.role, ()):
            try:
                scene(self)
            except Error as error:
                self.grumble(f"{scene.__name__}: {error.message.splitlines()[0]}")
        for name in REFUSED.get(self.role, ()):
            self.refuse(name)
        self.context.close()

    def take(self, path: str, name: str) -> None:
        """Photograph a page."""
        try:
            self.page.goto(path)
            self.found[name] = path
            self.snap(name)
        except Error as error:
            self.grumble(f"{path}: {error.message.splitlines()[0]}")

    def snap(self, name: str) -> None:
        """Photograph what is on the screen; tell when it is wider than the screen."""
        folder = ROOT / "shots"
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"{self.role}-{name}-{self.size}.png", full_page=True)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if (over := self.page.evaluate(wide) if self.context.pages else 0) > 0:
            self.grumble(f"{name} is {over} px too wide")

    def follow(self, start: str, wanted: str, name: str) -> None:
        """Photograph the first page of a kind that a list leads to."""
        path = self.found.get(start[1:]) if start.startswith("@") else start
        if path is None:
            return
        self.page.goto(path)
        target = first_link(self.page, wanted)
        if target is None:
            self.grumble(f"nothing on {path} leads to {name}")
            return
        self.take(target, name)
        if name == "file":
            for part in FILE_PARTS:
                self.take(f"{target}{part}", f"file-{_name(part)}")

    def refuse(self, name: str) -> None:
        """Send a form with nothing in it."""
        if name not in self.found:
            return
        self.page.goto(self.found[name])
        for form in self.page.query_selector_all("main form.form"):
            form.evaluate("form => form.submit()")
            self.page.wait_for_load_state()
            self.snap(f"{name}-refused")
            return

    def grumble(self, words: str) -> None:
        """Say what could not be photographed."""
        sys.stderr.write(f"{self.role} {self.size}: {words}\n")


def _held(album: _Album) -> None:
    """A claim whose holder sees the name and the door, and the form that follows it."""
    page = album.page
    page.goto("/me/tasks")
    links = page.eval_on_selector_all(
        "main a[href^='/claims/']", "all => all.map(a => a.getAttribute('href'))"
    )
    for link in dict.fromkeys(links):
        page.goto(link)
        record = first_link(page, r"/visits/new\?claim=|/resources/pledge\?claim=")
        if record:
            album.take(link, "claim-held")
            album.take(record, "record")
            return


def _taken(album: _Album) -> None:
    """Somebody is faster: the last seat goes while the page is being read."""
    page = album.page
    page.goto("/tasks?kind=visit")
    target = first_link(page, TASK)
    if target is None:
        return
    page.goto(target)
    for box in ("pledge", "unrelated"):
        page.check(f"[name={box}]", force=True)
    other = album.context.browser.new_context(base_url=page.url.split("/tasks/")[0])  # type: ignore[union-attr]
    rival = other.new_page()
    sign_in(rival, "volunteer-0001", DEMO_PASSWORD)
    rival.goto(target)
    if rival.query_selector("[name=pledge]"):
        for box in ("pledge", "unrelated"):
            rival.check(f"[name={box}]", force=True)
        rival.click("button[form=claim]")
    other.close()
    page.click("button[form=claim]")
    album.snap("taken")


def _unmasked(album: _Album) -> None:
    """A file in clear, after the reason was given."""
    page = album.page
    page.goto(f"{album.found['file']}/unmask")
    page.check("[name=why]", force=True)
    page.click("main .form button[type=submit]")
    album.snap("file-clear")


def _imported(album: _Album) -> None:
    """A workbook on its way in: preview, columns, problems, done."""
    page = album.page
    page.goto("/households/import")
    page.set_input_files("input[type=file]", SAMPLE)
    page.click("main form button[type=submit]")
    album.snap("import-wait")
    page.wait_for_selector(".stats", timeout=60_000)
    here = page.url
    album.snap("import-ready")
    album.take(f"{here}/columns", "import-columns")
    album.take(f"{here}/problems", "import-problems")
    album.take(f"{here}/rows?kind=new", "import-rows")
    page.goto(here)
    if album.size.startswith("desk"):
        page.fill("[name=reason]", "大良街道第三季度台账，和民政科核对过")
        page.click("main .buttons .button-primary")
        page.wait_for_load_state()
        album.snap("import-asked")


SCENES: dict[str, tuple[Callable[[_Album], None], ...]] = {
    "volunteer": (_held, _taken),
    "donor": (_held,),
    "worker": (_unmasked, _imported),
}


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign somebody in."""
    page.goto("/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/me")


def first_link(page: Page, wanted: str) -> str | None:
    """Return where the first link of a kind leads."""
    hrefs = page.eval_on_selector_all(
        "main a[href]", "links => links.map(a => a.getAttribute('href'))"
    )
    return next((href for href in hrefs if re.search(wanted, href)), None)


def _name(path: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", path.split("#", maxsplit=1)[0].lower()).strip("-")
    return plain or "front"


if __name__ == "__main__":
    main(sys.argv[1:])
