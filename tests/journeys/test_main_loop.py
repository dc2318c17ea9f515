"""The main job, walked in a real browser: from a town's workbook to a confirmed visit and a reconciled value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.hands import choose, press, reach, soon, tick, upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.journeys.site import Site

    Enter = Callable[..., Page]

FILE_LINK = re.compile(r"/households/\d{6}[A-Z]{2}\d{10}$")


SAMPLE = Path(__file__).parents[1] / "data" / "ledger-sample.xlsx"


def import_workbook(desk: Page, workbook: Path, second: Page, site: Site) -> None:
    """The worker's old workbook goes in, once the supervisor has agreed to so many households."""
    desk.goto("/households/import")
    desk.set_input_files("input[type=file]", workbook)
    desk.locator("main form button[type=submit]").first.click()
    expect(desk.locator("main")).to_contain_text("383")
    expect(desk.locator("main")).to_contain_text("17")
    here = desk.url
    desk.fill("[name=reason]", "全市第三季度台账，和民政科核对过")
    desk.get_by_role("button", name=re.compile("383")).click()
    expect(desk.locator("main")).to_contain_text("已经请督导或民政干部看了")
    second.goto("/approvals")
    second.locator("main a[href*='/approvals/A-']").first.click()
    press(second, "同意")
    assert site.flask("jobs", "run", "import-workbooks").returncode == 0
    desk.goto(here)
    expect(desk.locator("main .notice-good")).to_contain_text("已经在档案里", timeout=60_000)


def find_file(desk: Page, name: str) -> str:
    """Search for a householder, and return the path of their file."""
    desk.goto("/households")
    desk.fill("[data-search]", name)
    desk.press("[data-search]", "Enter")
    link = desk.locator("main table a").first
    path = link.get_attribute("href") or ""
    assert FILE_LINK.search(path), path
    assert name not in desk.url
    return path


def post_need(
    desk: Page, path: str, what: str, title: str, facts: dict[str, str], programme: str = ""
) -> str:
    """Post a need from the file and hand it to the supervisor; returns its path."""
    desk.goto(f"{path}/needs/new")
    desk.select_option("[name=what]", what)
    desk.fill("[name=story]", "一个人住，腿脚不好，需要人搭把手。")
    desk.fill("[name=title]", title)
    desk.fill("[name=wording]", "街坊想有人来看看，聊聊天，搭把手。")
    for name, value in facts.items():
        desk.fill(f"[name={name}]", value)
    if programme:
        desk.select_option("[name=programme]", label=programme)
    desk.locator("main form button[type=submit]").first.click()
    desk.wait_for_url(re.compile(r"/needs/N-\w+$"))
    return desk.url


def test_from_the_workbook_to_a_confirmed_visit_and_the_same_amount_everywhere(
    enter: Enter, site: Site
) -> None:
    worker = enter("chen")
    supervisor = enter("he")
    import_workbook(worker, SAMPLE, supervisor, site)
    officer = enter("lin")
    officer.goto("/programmes/new")
    officer.fill("[name=name]", "和乐颐年")
    officer.fill("[name=purpose]", "探访和照顾独居长者")
    officer.select_option("[name=charity]", label="顺德区慈善会")
    officer.fill("[name=starts_on]", soon(0))
    officer.locator("main form button[type=submit]").first.click()
    officer.wait_for_url(re.compile(r"/programmes/P-\w+$"))
    programme = officer.url

    path = find_file(worker, "霍凤志")
    worker.goto(f"{path}/consents/new")
    for purpose in ("visit", "goods", "money", "photo"):
        choose(worker, "purposes", purpose)
    press(worker, "记下同意")
    visit_need = post_need(
        worker, path, "07·陪伴", "上门陪伴", {"seats": "1", "deadline_on": soon(20)}
    )
    goods_need = post_need(
        worker,
        path,
        "01·衣被",
        "棉被 2 床",
        {"item": "棉被", "quantity": "2", "unit": "床", "deadline_on": soon(20)},
    )
    money_need = post_need(
        worker,
        path,
        "02·药品",
        "自付药费",
        {"amount": "500", "deadline_on": soon(20)},
        programme="和乐颐年（顺德区慈善会收款）",
    )

    for need in (visit_need, goods_need, money_need):
        supervisor.goto(need)
        press(supervisor, "通过，发布出去")
        expect(supervisor.locator("main")).to_contain_text("已发布")

    volunteer = enter("ming", on_phone=True)
    volunteer.goto("/tasks")
    expect(volunteer.locator("main")).not_to_contain_text("霍凤志")
    volunteer.get_by_role("link", name=re.compile("上门陪伴")).first.click()
    tick(volunteer, "pledge")
    tick(volunteer, "unrelated")
    press(volunteer, "认领")
    volunteer.wait_for_url(re.compile(r"/claims/C-\w+$"))
    expect(volunteer.locator("main")).to_contain_text("霍凤志")
    volunteer.get_by_role("link", name="去记录").click()
    choose(volunteer, "result", "met")
    choose(volunteer, "manner", "home")
    reach(volunteer, "minutes")
    volunteer.fill("[name=minutes]", "50")
    reach(volunteer, "text")
    volunteer.fill("[name=text]", "厨房的窗户关不严，晚上冷。")
    reach(volunteer, "promise_1")
    upload(volunteer, "photos")
    tick(volunteer, "asked_for_photos")
    press(volunteer, "交回")
    volunteer.wait_for_url(re.compile(r"/visits/V-\w+$"))
    visit = volunteer.url

    worker.goto(visit)
    expect(worker.locator("main img").first).to_be_visible()
    press(worker, "确认")
    expect(worker.locator("main")).to_contain_text("已确认")

    donor = enter("juan", on_phone=True)
    donor.goto("/tasks?kind=goods")
    donor.get_by_role("link", name=re.compile("棉被")).first.click()
    donor.fill("[name=units]", "2")
    tick(donor, "pledge")
    tick(donor, "unrelated")
    press(donor, "认领")
    donor.get_by_role("link", name="登记捐赠").click()
    donor.fill("[name=item]", "棉被")
    donor.fill("[name=quantity]", "2")
    donor.fill("[name=unit]", "床")
    tick(donor, "unrelated")
    tick(donor, "no_strings")
    press(donor, "确认认捐")
    donor.wait_for_url(re.compile(r"/resources/R-\w+$"))
    gift = donor.url

    worker.goto(f"{gift}/receive")
    worker.fill("[name=quantity]", "2")
    choose(worker, "basis", "invoice")
    worker.fill("[name=value]", "398")
    upload(worker, "evidence")
    worker.locator("main form button[type=submit]").first.click()
    worker.wait_for_url(gift)
    worker.goto(f"{gift}/deliver")
    worker.fill("[name=quantity]", "2")
    choose(worker, "signatory", "self")
    choose(worker, "proof_kind", "signature")
    upload(worker, "proof")
    worker.locator("main form button[type=submit]").first.click()
    worker.wait_for_url(gift)

    donor.goto("/tasks?kind=money")
    donor.get_by_role(
        "link", name=re.compile("和乐颐年")
    ).first.click()  # never a person, always a programme
    donor.fill("[name=units]", "500")
    tick(donor, "pledge")
    tick(donor, "unrelated")
    press(donor, "认领")
    donor.get_by_role("link", name="登记捐赠").click()
    expect(donor.locator("main")).to_contain_text("顺德区慈善会")
    donor.fill("[name=quantity]", "500")
    tick(donor, "unrelated")
    tick(donor, "no_strings")
    press(donor, "确认认捐")
    donor.wait_for_url(re.compile(r"/resources/R-\w+$"))
    money = donor.url
    officer.goto(f"{money}/receive")
    officer.fill("[name=quantity]", "500")
    officer.fill("[name=receipt_code]", "44060126")
    officer.fill("[name=receipt_no]", "0000012345")
    officer.locator("main form button[type=submit]").first.click()
    officer.wait_for_url(money)
    worker.goto(f"{money}/deliver")
    worker.fill("[name=quantity]", "500")
    choose(worker, "signatory", "self")
    choose(worker, "proof_kind", "signature")
    upload(worker, "proof")
    worker.locator("main form button[type=submit]").first.click()
    worker.wait_for_url(money)

    officer.goto(programme)
    expect(officer.locator("main")).to_contain_text("¥500.00")
    expect(officer.locator("main")).not_to_contain_text("霍")
    officer.get_by_role("link", name="¥500.00").first.click()
    expect(officer.locator("main")).to_contain_text(re.compile("R-"))
    worker.goto(path)
    expect(worker.locator("main")).to_contain_text("¥500.00")
    expect(worker.locator("main")).to_contain_text("¥398.00")
    expect(worker.locator("main")).to_contain_text("50 分钟")
    donor.goto(gift)
    expect(donor.locator("main")).to_contain_text("已送达")
    expect(donor.locator("main")).not_to_contain_text("霍")
    proof = site.flask("ledger", "verify")
    assert proof.returncode == 0, proof.stdout + proof.stderr
