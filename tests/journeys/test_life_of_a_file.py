"""One family's file, from its first page to the day it is erased (一份档案的一生), walked in a real browser."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date, time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from app.core import clock
from app.households.rules.identity import check_digit
from tests.journeys.hands import a_photo, choose, follow, places, press
from tests.journeys.site import DALIANG, SiteHere, serving_here, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Enter = Callable[..., Page]

VILLAGE = DALIANG + "001"


def numbered(first_17: str) -> str:
    """Return an ID number that nobody has: its district is none."""
    return first_17 + check_digit(first_17)


MOTHER, HUSBAND, CHILD = "冼榕溪", "麦德森", "麦小檬"
HEARD_AS, FATHER = "洗榕溪", "冼伯坚"
BORN = "1969-04-17"
MOTHERS_ID = numbered("44068119690417302")
HUSBANDS_ID, CHILDS_ID = numbered("44068119661203415"), numbered("44068120150908503")
FATHERS_ID = numbered("44068119410226713")
OLD_PHONE, NEW_PHONE, OTHER_PHONE = "13690417025", "13902260941", "13412030966"
OLD_DOOR, NEW_DOOR, OTHER_DOOR = "榕树头巷9017号", "石湖涌边街3306号", "榕树头9017号之二"
NEVER_IN_CLEAR = (
    *(MOTHER, HUSBAND, CHILD, HEARD_AS, FATHER),
    *(MOTHERS_ID, HUSBANDS_ID, CHILDS_ID, FATHERS_ID),
    *(OLD_PHONE, NEW_PHONE, OTHER_PHONE, OLD_DOOR, NEW_DOOR, OTHER_DOOR),
)
CODINGS = ("utf-8", "utf-16-le", "gb18030", "unicode_escape")


@contextmanager
def on(day: str) -> Iterator[None]:
    """Let it be ten in the morning of a day, for the site and for whoever works with it."""
    with clock.frozen(clock.at(date.fromisoformat(day), time(10))):
        yield


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SiteHere]:
    """A new city whose clock this journey sets."""
    with on("2025-08-01"):
        settle(tmp_path)
    with serving_here(tmp_path) as site:
        yield site


def says(page: Page, words: str) -> None:
    """See these words on the page."""
    expect(page.get_by_role("main")).to_contain_text(words)


def tab(page: Page, words: str) -> None:
    """Turn to a part of the file, whose tab may also say how many."""
    page.get_by_role("navigation", name="档案内容").get_by_role(
        "link", name=re.compile(f"^{words}")
    ).click()


def open_draft(worker: Page) -> str:
    """Write down at the desk what was said at the door; a number that cannot be is refused and nothing is lost."""
    places(worker, "档案")
    follow(worker, "新建档案")
    worker.select_option("[name=region_code]", VILLAGE)
    worker.fill("[name=door]", OLD_DOOR)
    worker.fill("[name=phone]", OLD_PHONE)
    worker.fill("[name=name]", MOTHER)
    worker.fill("[name=id_number]", MOTHERS_ID[:-2] + MOTHERS_ID[-1] + MOTHERS_ID[-2])
    for row, (name, relation, number) in enumerate(
        ((HUSBAND, "1", HUSBANDS_ID), (CHILD, "3", CHILDS_ID))
    ):
        if row:
            worker.get_by_text("再写一位").first.click()
        worker.fill(f"[name=people-{row}-name]", name)
        worker.select_option(f"[name=people-{row}-relationship_code]", relation)
        worker.fill(f"[name=people-{row}-id_number]", number)
    choose(worker, "category", "BY")
    press(worker, "存成草稿")
    expect(worker.locator("#id_number-error")).to_be_visible()
    for name, typed in (("door", OLD_DOOR), ("name", MOTHER), ("people-1-name", CHILD)):
        expect(worker.locator(f"[name={name}]")).to_have_value(typed)
    expect(worker.locator("[name=category][value=BY]")).to_be_checked()
    worker.fill("[name=id_number]", MOTHERS_ID)
    press(worker, "存成草稿")
    worker.wait_for_url(re.compile(r"tab=record$"))
    return worker.url.partition("?")[0]


def fill_in(worker: Page, section: str, **said: str) -> None:
    """Fill in one section of the draft."""
    worker.get_by_role("link", name=re.compile(f"^去填\\s*：{section}$")).first.click()
    for name, value in said.items():
        worker.fill(f"[name={name}]", value)


def send_for_review(worker: Page, words: str, reason: str) -> None:
    """Hand the file to whoever reviews it."""
    follow(worker, words)
    worker.fill("[name=reason]", reason)
    press(worker, "送审")
    says(worker, "在等审核")


def review(supervisor: Page, file: str) -> None:
    """Open the review of a file from the list of those that wait."""
    places(supervisor, "档案")
    follow(supervisor, "待审核")
    supervisor.locator(f"main a[href='{path_of(file)}']").first.click()
    follow(supervisor, "看审核页")


def path_of(url: str) -> str:
    """Return the path of an address."""
    return "/" + url.split("/", 3)[3]


def agree(supervisor: Page, kind: str) -> None:
    """Agree to what a colleague asks."""
    places(supervisor, "审批")
    supervisor.get_by_role("main").get_by_role("link", name=re.compile(f"^{kind}")).first.click()
    press(supervisor, "同意")
    says(supervisor, "同意了")


def ask_for_another_class(worker: Page, file: str) -> None:
    """The office's paper goes into the file, and with it the request."""
    worker.goto(file)
    follow(worker, "变更类别")
    follow(worker, "添加依据")
    choose(worker, "kind", "class")
    worker.fill("[name=title]", "区民政确认告知书")
    paper = {"name": "paper.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    worker.set_input_files("[name=file]", paper)
    press(worker, "添加")
    says(worker, "区民政确认告知书")
    follow(worker, "变更类别")
    choose(worker, "category", "DB")
    worker.select_option("[name=evidence]", index=1)
    worker.fill("[name=reason]", "区里核定为低保")
    press(worker, "提请审批")
    says(worker, "在等另一位同事")


def visit(worker: Page, supervisor: Page, file: str) -> None:
    """The worker was there; somebody else confirms it."""
    worker.goto(file)
    follow(worker, "记一次探访")
    choose(worker, "result", "met")
    choose(worker, "manner", "home")
    worker.fill("[name=minutes]", "40")
    worker.fill("[name=text]", "厨房的灯坏了，这周找人来换。")
    press(worker, "交回")
    worker.wait_for_url(re.compile(r"/visits/V-\w+$"))
    expect(worker.get_by_role("button", name="确认", exact=True)).to_have_count(0)
    places(supervisor, "探访")
    supervisor.locator(f"main a[href='{path_of(worker.url)}']").first.click()
    press(supervisor, "确认")
    says(supervisor, "已确认")


def open_second(worker: Page) -> str:
    """A colleague's sheet writes her name as it sounds, without a card: a second file for the same woman."""
    places(worker, "档案")
    follow(worker, "新建档案")
    worker.select_option("[name=region_code]", VILLAGE)
    worker.fill("[name=door]", OTHER_DOOR)
    worker.fill("[name=phone]", OTHER_PHONE)
    worker.fill("[name=name]", HEARD_AS)
    worker.select_option("[name=id_kind]", "none")
    worker.select_option("[name=id_why]", "lost")
    worker.fill("[name=birth]", BORN)
    choose(worker, "sex", "2")
    choose(worker, "category", "QT")
    press(worker, "存成草稿")
    worker.wait_for_url(re.compile(r"tab=record$"))
    return worker.url.partition("?")[0]


def merge(worker: Page, file: str, other: str) -> None:
    """Two files of one woman become one."""
    places(worker, "档案")
    follow(worker, "疑似重复")
    worker.get_by_role("link", name=re.compile(r"\*")).first.click()
    says(worker, "姓名读音、出生日期和村居都一样")
    keep = worker.locator(".card", has=worker.locator(f"a[href='{path_of(file)}']"))
    keep.get_by_role("link", name="保留这份，把另一份并进来").click()
    worker.fill("[name=reason]", "上门核过，是同一个人，字写错了")
    press(worker, "看看前后")
    press(worker, "看清楚了，确认合户")
    says(worker, "并进来的档案")
    worker.goto(other)
    expect(worker).to_have_url(re.compile(path_of(file)))


def earn_more(worker: Page, file: str) -> None:
    """A wage went up; the cover follows."""
    worker.goto(file)
    follow(worker, "档案内容")
    card = worker.locator("section.card", has=worker.get_by_role("heading", name="收入"))
    card.get_by_role("link", name="改").first.click()
    worker.fill("[name=wage]", "3000")
    worker.locator("label[for=adopt]").click()
    worker.fill("[name=reason]", "丈夫换了工作")
    press(worker, "保存")
    says(worker, "“收入”已经记下")


def move_house(worker: Page, file: str) -> None:
    """Another door, another phone."""
    worker.goto(file)
    follow(worker, "改档案")
    expect(worker.locator("[name=door]")).to_have_value(OLD_DOOR)
    worker.fill("[name=phone]", NEW_PHONE)
    worker.fill("[name=door]", NEW_DOOR)
    worker.fill("[name=reason]", "搬到同村的出租屋")
    press(worker, "保存")
    says(worker, "改好了")


def take_in_father(worker: Page, file: str) -> None:
    """Her father comes to live with them."""
    worker.goto(file)
    tab(worker, "成员")
    follow(worker, "添一位成员")
    worker.fill("[name=name]", FATHER)
    worker.select_option("[name=relationship_code]", "5")
    worker.fill("[name=id_number]", FATHERS_ID)
    worker.fill("[name=reason]", "父亲接来同住")
    press(worker, "保存")
    says(worker, "这位成员已经记下")


def husband_leaves(worker: Page, file: str) -> None:
    """The husband moves away; he stays in the file and is no longer counted."""
    worker.goto(file)
    tab(worker, "成员")
    follow(worker, "麦*森")
    follow(worker, "登记离户")
    choose(worker, "why", "away")
    worker.fill("[name=left_on]", clock.today().isoformat())
    worker.fill("[name=reason]", "迁往外省")
    press(worker, "记下离户")
    says(worker, "已经记下离户")


def read_history(worker: Page, file: str) -> None:
    """The tab of changes says who, when, from what to what and why, and nothing in clear."""
    worker.goto(file)
    follow(worker, "变更记录")
    for words in ("丈夫换了工作", "搬到同村的出租屋", "父亲接来同住", "迁往外省", "陈社工"):
        says(worker, words)
    moved = worker.locator("li.change", has_text="搬到同村的出租屋")
    expect(moved).to_contain_text(re.compile("2026年|2月10日"))
    moved.locator("summary").click()
    expect(moved.locator(".change-was").first).to_be_visible()
    expect(moved).to_contain_text("136****7025")
    expect(moved).to_contain_text("139****0941")
    print(moved.inner_text())
    print(worker.locator("main").inner_text())
    tells_nothing(worker)


def tells_nothing(page: Page) -> None:
    """See nothing of this family in clear."""
    shown = page.content()
    assert [words for words in NEVER_IN_CLEAR if words in shown] == []


def look_back(worker: Page, file: str, village: str) -> None:
    """See a past day, of the file and of the list."""
    worker.goto(file)
    follow(worker, "变更记录")
    follow(worker, "看某一天的整份档案")
    worker.fill("[name=day]", "2025-09-10")
    press(worker, "看这一天")
    print(worker.locator("main").inner_text())
    says(worker, "最低生活保障边缘家庭")
    says(worker, "136****7025")
    says(worker, "麦*森")
    tells_nothing(worker)
    worker.goto("/households")
    follow(worker, "看过去某一天的名册")
    worker.fill("[name=as_of]", "2025-09-10")
    press(worker, "看这一天")
    print(worker.locator("main").inner_text())


def download(page: Page) -> list[list[object]]:
    """Take a workbook and read every row of every sheet."""
    with page.expect_download() as coming:
        press(page, "下载")
    with coming.value.path().open("rb") as workbook:
        book = CalamineWorkbook.from_filelike(workbook)
        return [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]


def take_masked_list(worker: Page, file: str) -> None:
    """A list leaves the site covered."""
    places(worker, "档案")
    follow(worker, "导出")
    press(worker, "导出")
    rows = str(download(worker))
    assert file[-18:] in rows
    assert [words for words in NEVER_IN_CLEAR if words in rows] == []


def take_clear_list(worker: Page, supervisor: Page, file: str) -> None:
    """A clear one is asked for, agreed to, taken once; it says who took it."""
    places(worker, "档案")
    follow(worker, "导出")
    follow(worker, "提请明文导出")
    worker.fill("[name=reason]", "给民政科核对年审名单，用到月底")
    press(worker, "提请审批")
    expect(worker.get_by_role("button", name="生成文件")).to_have_count(0)
    agree(supervisor, "明文导出")
    worker.reload()
    press(worker, "生成文件")
    expect(worker.get_by_role("button", name="下载", exact=True)).to_be_visible()
    again = worker.context.new_page()
    again.goto(worker.url)
    rows = str(download(worker))
    for words in (file[-18:], MOTHER, MOTHERS_ID, NEW_PHONE, NEW_DOOR, "陈社工", "2026"):
        assert words in rows, words
    assert CHILD not in rows
    press(again, "下载")
    print(again.url, again.locator("body").inner_text())
    places(worker, "档案")


def close_file(worker: Page, file: str) -> None:
    """The family needs nobody any more."""
    worker.goto(file)
    follow(worker, "暂停或结案")
    follow(worker, "结案")
    choose(worker, "closing", "achieved")
    worker.fill("[name=reason]", "一家人都有了工作")
    press(worker, "结案")
    says(worker, "已经结案")


def ask_to_be_forgotten(worker: Page) -> None:
    """They want their data gone; the worker looks whether anything stands against it and asks a second person."""
    follow(worker, "登记请求")
    choose(worker, "kind", "erase")
    worker.select_option("[name=ground]", "served")
    worker.fill("[name=words]", f"{MOTHER}来站里说不用再留，电话{NEW_PHONE}")
    press(worker, "记下请求")
    worker.fill("[name=answer]", "逐条核对过，没有要保留的")
    press(worker, "没有要保留的，提请清除")
    says(worker, "要另一位督导或民政干部同意")


def nothing_lies_in_clear(site: SiteHere, backup: str, file_no: str) -> int:
    """Read every byte the site keeps and every byte of a backup; returns how many media there are."""
    made = site.app.test_cli_runner().invoke(args=["backup", str(site.instance / backup)])
    assert made.exit_code == 0, made.output
    kept = {path: path.read_bytes() for path in site.instance.rglob("*") if path.is_file()}
    databases = [path for path, held in kept.items() if file_no.encode() in held]
    assert {site.instance / "shanlin.sqlite3", site.instance / backup / "shanlin.sqlite3"} <= {
        path.with_name("shanlin.sqlite3") for path in databases
    }
    ways = [(words, words.encode(code)) for words in NEVER_IN_CLEAR for code in CODINGS]
    found = [(path.name, words) for path, held in kept.items() for words, way in ways if way in held]
    assert found == []
    media = [held for path, held in kept.items() if path.is_relative_to(site.instance / "media")]
    assert not any(held.startswith(b"\xff\xd8\xff") for held in media)
    return len(media)


def test_the_life_of_a_file(enter: Enter, site: SiteHere) -> None:
    with on("2025-09-01"):
        worker, supervisor = enter("chen"), enter("he")
        file = open_draft(worker)
        fill_in(worker, "收入", wage="1800", business="0", property="0", transfer="300", aid="600")
        worker.locator("label[for=adopt]").click()
        press(worker, "保存")
        fill_in(worker, "支出", living="14000", medical="9000")
        press(worker, "保存")
        send_for_review(worker, "去送审", "健康状况等复诊后再补")
        follow(worker, "看审核页")
        says(worker, "由督导或民政干部审核")
        expect(worker.get_by_role("button", name="通过，放进在档")).to_have_count(0)
    with on("2025-09-02"):
        worker, supervisor = enter("chen"), enter("he")
        review(supervisor, file)
        choose(supervisor, "points", "means")
        supervisor.fill("[name=note]", "住房那一栏请补上")
        press(supervisor, "退回去补")
        worker.goto(file)
        says(worker, "住房那一栏请补上")
        fill_in(worker, "住房", rent="450", area="38")
        press(worker, "保存")
        send_for_review(worker, "再送审", "住房补上了")
        review(supervisor, file)
        press(supervisor, "通过，放进在档")
        worker.goto(file)
        expect(worker.get_by_role("main")).not_to_contain_text("在等审核")
        visit(worker, supervisor, file)
    with on("2025-09-20"):
        worker, supervisor = enter("chen"), enter("he")
        ask_for_another_class(worker, file)
        worker.goto(file)
        says(worker, "最低生活保障边缘家庭")
        agree(supervisor, "救助类别变更")
        worker.reload()
        says(worker, "最低生活保障家庭")
    with on("2025-10-10"):
        worker, supervisor = enter("chen"), enter("he")
        other = open_second(worker)
        send_for_review(worker, "去送审", "先送审，证件在补办")
        review(supervisor, other)
        press(supervisor, "通过，放进在档")
        visit(worker, supervisor, other)
        site.run_job("find-twins")
        merge(worker, file, other)
        tab(worker, "探访")
        expect(worker.locator("main a[href^='/visits/V-']")).to_have_count(2)
    with on("2025-12-05"):
        earn_more(enter("chen"), file)
    with on("2026-02-10"):
        move_house(enter("chen"), file)
    with on("2026-03-12"):
        take_in_father(enter("chen"), file)
    with on("2026-05-20"):
        husband_leaves(enter("chen"), file)
    with on("2026-06-15"):
        visit(enter("chen"), enter("he"), file)
    with on("2026-08-20"):
        worker, supervisor = enter("chen"), enter("he")
        read_history(worker, file)
        look_back(worker, file, "")
        take_masked_list(worker, file)
        take_clear_list(worker, supervisor, file)
    with on("2026-10-08"):
        worker, supervisor = enter("chen"), enter("he")
        close_file(worker, file)
        ask_to_be_forgotten(worker)
        media = nothing_lies_in_clear(site, "before", file[-18:])
        agree(supervisor, "清除个人信息")
        worker.goto(file)
        print(worker.locator("main").inner_text())
        says(worker, "这家人的资料已经按要求清除")
        tells_nothing(worker)
        worker.goto(other + "?own=1")
        print(worker.locator("main").inner_text())
        assert nothing_lies_in_clear(site, "after", file[-18:]) < media
