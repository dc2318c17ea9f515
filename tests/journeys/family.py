"""A family, and what a worker and a supervisor do about its file (一家人和他们的档案), for journeys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from app.core import clock
from app.households.rules.identity import check_digit
from tests.journeys.hands import a_photo, choose, follow, places, press
from tests.journeys.site import DALIANG

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Words = tuple[str, ...]

VILLAGE = DALIANG + "001"


def numbered(first_17: str) -> str:
    """Return an ID number that nobody has: its district is none."""
    return first_17 + check_digit(first_17)


MOTHER, HUSBAND, CHILD = "冼榕溪", "麦德森", "麦小檬"
HEARD_AS, FATHER = "洗榕溪", "冼伯坚"
BORN = "1969-04-17"
MOTHERS_ID = numbered("44068119690417302")
HUSBANDS_ID, CHILDS_ID = numbered("44068119661203415"), numbered("44068120150908504")
FATHERS_ID = numbered("44068119410226713")
OLD_PHONE, NEW_PHONE, OTHER_PHONE = "13690417025", "13902260941", "13412030966"
OLD_DOOR, NEW_DOOR, OTHER_DOOR = "榕树头巷9017号", "石湖涌边街3306号", "榕树头9017号之二"
NEVER_IN_CLEAR = (
    *(MOTHER, HUSBAND, CHILD, HEARD_AS, FATHER),
    *(MOTHERS_ID, HUSBANDS_ID, CHILDS_ID, FATHERS_ID),
    *(OLD_PHONE, NEW_PHONE, OTHER_PHONE, OLD_DOOR, NEW_DOOR, OTHER_DOOR),
)


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
    worker.set_input_files(
        "[name=file]", {"name": "paper.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    )
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
    tab(worker, "变更记录")
    for reason, day, told in (
        ("丈夫换了工作", "2025年12月5日", ("¥1,800.00", "¥3,000.00", "¥700.00", "¥1,100.00")),
        ("搬到同村的出租屋", "2月10日", ("136****7025", "139****0941", "住址")),
        ("父亲接来同住", "3月12日", ("冼*坚", "父母")),
        ("迁往外省", "5月20日", ("2026年5月20日",)),
        ("上门核过，是同一个人", "2025年10月10日", ()),
        ("审批单", "2025年9月20日", ("最低生活保障边缘家庭", "何督导")),
    ):
        change = worker.locator("li.change", has_text=reason)
        for words in (day, "何督导" if reason == "审批单" else "陈社工", *told):
            expect(change).to_contain_text(words)
    worker.locator("li.change summary", has_text="改了收入").click()
    expect(worker.get_by_text("¥3,000.00")).to_be_visible()
    tells_nothing(worker)


def tells_nothing(page: Page) -> None:
    """See nothing of this family in clear."""
    shown = page.content()
    assert [words for words in NEVER_IN_CLEAR if words in shown] == []


def look_back(desk: Page, file: str, day: str, *, at_file: Words, at_list: Words) -> None:
    """See the file and the list of a past day; each says how things stood then."""
    desk.goto(file)
    tab(desk, "变更记录")
    follow(desk, "看某一天的整份档案")
    desk.fill("[name=day]", day)
    press(desk, "看这一天")
    for words in at_file:
        says(desk, words)
    tells_nothing(desk)
    places(desk, "档案")
    follow(desk, "看过去某一天的名册")
    desk.fill("[name=as_of]", day)
    press(desk, "看这一天")
    row = desk.get_by_role("row").filter(has_text=file[-18:])
    for words in at_list:
        expect(row).to_contain_text(words)


def see_old_door(supervisor: Page, file: str) -> None:
    """Whoever says why may read where they lived on a past day."""
    supervisor.goto(f"{path_of(file)}/as-of?day=2026-01-15")
    follow(supervisor, "查看明文")
    choose(supervisor, "why", "check")
    press(supervisor, "打开看一次")
    says(supervisor, OLD_DOOR)
    expect(supervisor.get_by_role("main")).not_to_contain_text(NEW_DOOR)


def download(page: Page) -> list[Any]:
    """Take a workbook and read every row of every sheet."""
    with page.expect_download() as coming:
        press(page, "下载")
    with coming.value.path().open("rb") as workbook:
        book = CalamineWorkbook.from_filelike(workbook)
        return [
            row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
        ]


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
    says(worker, "已经提请审批")
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
    expect(again.locator("body")).to_contain_text("明文文件只能下载一次，已经下载过了")


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
    follow(worker, "要改、要清除")
    choose(worker, "kind", "erase")
    worker.select_option("[name=ground]", "served")
    worker.fill("[name=words]", f"{MOTHER}来站里说不用再留，电话{NEW_PHONE}")
    press(worker, "记下请求")
    worker.fill("[name=answer]", "逐条核对过，没有要保留的")
    press(worker, "没有要保留的，提请清除")
    says(worker, "要另一位督导或民政干部同意")
