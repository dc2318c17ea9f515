"""One family's file, from its first page to the day it is erased (一份档案的一生), walked in a real browser."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date, time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.core import clock
from tests.journeys import family as they
from tests.journeys.hands import choose, follow, press
from tests.journeys.site import SiteHere, serving_here, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Enter = Callable[..., Page]

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


def nothing_lies_in_clear(site: SiteHere, backup: str, file_no: str) -> int:
    """Read every byte the site keeps and every byte of a backup; returns how many media there are."""
    made = site.app.test_cli_runner().invoke(args=["backup", str(site.instance / backup)])
    assert made.exit_code == 0, made.output
    kept = {path: path.read_bytes() for path in site.instance.rglob("*") if path.is_file()}
    databases = [path for path, held in kept.items() if file_no.encode() in held]
    assert {site.instance / "shanlin.sqlite3", site.instance / backup / "shanlin.sqlite3"} <= {
        path.with_name("shanlin.sqlite3") for path in databases
    }
    ways = [(words, words.encode(code)) for words in they.NEVER_IN_CLEAR for code in CODINGS]
    found = [
        (path.name, words) for path, held in kept.items() for words, way in ways if way in held
    ]
    assert found == []
    media = [held for path, held in kept.items() if path.is_relative_to(site.instance / "media")]
    assert not any(held.startswith(b"\xff\xd8\xff") for held in media)
    return len(media)


def test_the_life_of_a_file(enter: Enter, site: SiteHere) -> None:
    with on("2025-09-01"):
        worker = enter("chen")
        file = they.open_draft(worker)
        they.fill_in(
            worker, "收入", wage="1800", business="0", property="0", transfer="300", aid="600"
        )
        worker.locator("label[for=adopt]").click()
        press(worker, "保存")
        they.fill_in(worker, "支出", living="14000", medical="9000")
        press(worker, "保存")
        they.send_for_review(worker, "去送审", "健康状况等复诊后再补")
        follow(worker, "看审核页")
        they.says(worker, "由督导或民政干部审核")
        expect(worker.get_by_role("button", name="通过，放进在档")).to_have_count(0)
    with on("2025-09-02"):
        worker, supervisor = enter("chen"), enter("he")
        they.review(supervisor, file)
        choose(supervisor, "points", "means")
        supervisor.fill("[name=note]", "住房那一栏请补上")
        press(supervisor, "退回去补")
        they.says(supervisor, "退回去了")
        worker.goto(file)
        they.says(worker, "住房那一栏请补上")
        they.fill_in(worker, "住房", rent="450", area="38")
        press(worker, "保存")
        they.send_for_review(worker, "再送审", "住房补上了")
        they.review(supervisor, file)
        press(supervisor, "通过，放进在档")
        they.says(supervisor, "通过了")
        worker.goto(file)
        expect(worker.get_by_role("main")).not_to_contain_text("在等审核")
        they.visit(worker, supervisor, file)
    with on("2025-09-20"):
        worker, supervisor = enter("chen"), enter("he")
        they.ask_for_another_class(worker, file)
        worker.goto(file)
        they.says(worker, "最低生活保障边缘家庭")
        they.agree(supervisor, "救助类别变更")
        worker.reload()
        they.says(worker, "最低生活保障家庭")
    with on("2025-10-10"):
        worker, supervisor = enter("chen"), enter("he")
        other = they.open_second(worker)
        they.send_for_review(worker, "去送审", "先送审，证件在补办")
        they.review(supervisor, other)
        press(supervisor, "通过，放进在档")
        they.says(supervisor, "通过了")
        they.visit(worker, supervisor, other)
        site.run_job("find-twins")
        they.merge(worker, file, other)
        they.tab(worker, "探访")
        expect(worker.locator("main a[href^='/visits/V-']")).to_have_count(2)
    with on("2025-12-05"):
        they.earn_more(enter("chen"), file)
    with on("2026-02-10"):
        they.move_house(enter("chen"), file)
    with on("2026-03-12"):
        they.take_in_father(enter("chen"), file)
    with on("2026-05-20"):
        they.husband_leaves(enter("chen"), file)
    with on("2026-06-15"):
        they.visit(enter("chen"), enter("he"), file)
    with on("2026-08-20"):
        worker, supervisor = enter("chen"), enter("he")
        they.read_history(worker, file)
        before = ("最低生活保障边缘家庭", "136****7025", "麦*森", "¥700.00", "¥450.00")
        listed = ("最低生活保障边缘家庭", "3 人", "¥700.00")
        they.look_back(worker, file, "2025-09-10", at_file=before, at_list=listed)
        between = ("最低生活保障家庭", "139****0941", "麦*森", "冼*坚")
        listed = ("最低生活保障家庭", "4 人", "¥1,100.00")
        they.look_back(worker, file, "2026-04-01", at_file=between, at_list=listed)
        they.see_old_door(supervisor, file)
        they.take_masked_list(worker, file)
        they.take_clear_list(worker, supervisor, file)
    with on("2026-10-08"):
        worker, supervisor = enter("chen"), enter("he")
        they.close_file(worker, file)
        they.ask_to_be_forgotten(worker)
        media = nothing_lies_in_clear(site, "before", file[-18:])
        they.agree(supervisor, "清除个人信息")
        worker.goto(file)
        for page in (file, f"{file}?tab=members", f"{file}?tab=changes", f"{other}?own=1"):
            worker.goto(page)
            they.says(worker, "这家人的资料已经按要求清除")
            expect(worker.get_by_role("main")).not_to_contain_text(re.compile("[冼洗麦]|[*]{2}"))
            they.tells_nothing(worker)
        assert nothing_lies_in_clear(site, "after", file[-18:]) < media
