"""The sections of a file as rules: what is asked, how it is read, what follows, what stays covered."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.households.forms.sections import SectionForm
from app.households.rules import Category, Tier
from app.households.rules.completeness import gaps, missing
from app.households.rules.labels import words_of
from app.households.rules.risk import TierRule, judged
from app.households.rules.sections import (
    DIMENSIONS,
    SECTIONS,
    Kind,
    Question,
    answers,
    changed_meanwhile,
    income_per_head,
    oddities,
    per_head,
    proposed,
    score,
    shown,
    totals,
    typed,
)

TODAY = date(2026, 3, 3)


def read(kind: str, **said: Any) -> tuple[dict[str, Any], dict[str, str]]:
    return answers(SECTIONS[kind], said, TODAY)


def test_every_part_that_a_worker_knows_from_paper_is_a_section() -> None:
    assert list(SECTIONS) == [
        "income", "spending", "assets", "housing", "support", "assistance", "assessment", "plan",
    ]  # fmt: skip


def test_income_is_asked_in_the_four_kinds_of_the_law_and_aid_beside_them() -> None:
    labels = [one.label for one in SECTIONS["income"].questions[:5]]

    assert labels == [
        "工资性收入",
        "经营净收入",
        "财产净收入",
        "转移净收入",
        "政府救助（不算收入）",
    ]
    assert "§13" in SECTIONS["income"].law


@pytest.mark.parametrize("section", SECTIONS.values(), ids=lambda one: one.kind)
def test_a_section_fits_its_column_its_form_and_the_places_of_a_document(section: Any) -> None:
    keys = [one.key for one in section.questions]
    inner = [one.key for rows in section.questions for one in rows.within]

    assert len(section.kind) <= 20
    assert len(keys) == len(set(keys))
    assert not any(hasattr(SectionForm, key) for key in keys)
    for key in keys + inner:
        assert re.fullmatch(r"[a-z_]+", key)


@pytest.mark.parametrize(
    ("kind", "said", "field", "words"),
    [
        ("income", {"wage": "很多"}, "wage", "金额请只填数字"),
        ("income", {"wage": "-1"}, "wage", "不能是负数"),
        ("income", {"wage": "1e3"}, "wage", "金额请只填数字"),
        ("income", {"on": "2026-03-04"}, "on", "还没到"),
        ("income", {"on": "昨天"}, "on", "请从日历里选"),
        ("income", {"on": "1899-12-31"}, "on", "年份好像不对"),
        ("income", {"known": ["dream"]}, "known", "请从里面选"),
        ("income", {"note": "长" * 1001}, "note", "1000 字以内"),
        ("housing", {"area": "很大"}, "area", "只填数字"),
        ("housing", {"area": "-1"}, "area", "0 到 2000"),
        ("housing", {"area": "NaN"}, "area", "0 到 2000"),
        ("housing", {"area": "Infinity"}, "area", "0 到 2000"),
        ("housing", {"area": "1.005"}, "area", "两位小数"),
        ("housing", {"lift": "maybe"}, "lift", "请从里面选一项"),
        ("housing", {"right": "mine"}, "right", "请从里面选一项"),
        ("assessment", {"basics": "2"}, "on", "评估日"),
        ("assessment", {"on": "2026-03-01", "basics": "5"}, "basics", "请从里面选一项"),
        ("support", {"helpers": [{"name": "阿强"}]}, "helpers-0-who", "请选一下"),
        ("support", {"helpers": [{}, {"who": "child", "name": "长" * 61}]}, "helpers-1-name", "60 字"),
        ("assets", {"vehicles": [{"what": "car"}] * 31}, "vehicles", "最多写 30 行"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_beside_its_field(
    kind: str, said: dict[str, Any], field: str, words: str
) -> None:
    _, errors = read(kind, **said)

    assert list(errors) == [field]
    assert words in errors[field]


@pytest.mark.parametrize(
    ("kind", "said", "values"),
    [
        ("income", {"wage": "¥1,206.50", "aid": "0"}, {"wage": 120650, "aid": 0}),
        ("income", {"wage": "　"}, {}),
        ("income", {"known": ["visit", "said"]}, {"known": ["said", "visit"]}),
        ("income", {"note": " 一行 \n\n 二行 "}, {"note": "一行\n\n二行"}),
        ("housing", {"area": "62.5 平方米", "lift": "no"}, {"area": 62.5, "lift": False}),
        ("housing", {"area": "６２"}, {"area": 62}),
        ("housing", {"until": "2030-01-01"}, {"until": "2030-01-01"}),
        ("support", {"helpers": [{}, {"who": "child", "name": ""}]}, {"helpers": [{"who": "child"}]}),
    ],
)  # fmt: skip
def test_what_is_an_answer_is_kept_and_what_says_nothing_is_left_out(
    kind: str, said: dict[str, Any], values: dict[str, Any]
) -> None:
    assert read(kind, **said) == (values, {})


def _values(question: Question) -> st.SearchStrategy[Any]:
    codes = sorted(question.choices)
    kinds: dict[Kind, Any] = {
        Kind.CHOICES: lambda: st.lists(st.sampled_from(codes), unique=True),
        Kind.CHOICE: lambda: st.sampled_from(["", *codes]),
        Kind.YES_NO: lambda: st.sampled_from(["", "yes", "no"]),
        Kind.MONEY: lambda: st.integers(0, 10**9).map(lambda fen: f"{fen / 100:.2f}"),
        Kind.NUMBER: lambda: st.integers(0, question.most * 100).map(lambda n: str(n / 100)),
        Kind.DAY: lambda: st.dates(date(1950, 1, 1), TODAY).map(date.isoformat),
        Kind.ROWS: lambda: st.lists(_said(question.within), max_size=3),
    }
    words = st.text(st.characters(categories=("Lo", "Nd", "Zs")), max_size=20)
    found: st.SearchStrategy[Any] = kinds.get(question.kind, lambda: words)()
    return found


def _said(questions: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({one.key: _values(one) for one in questions})


STORIES = {kind: _said(section.questions) for kind, section in SECTIONS.items()}


@pytest.mark.parametrize("kind", list(SECTIONS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_was_kept_comes_back_into_the_form_and_is_read_the_same(kind: str, data: Any) -> None:
    section, said = SECTIONS[kind], data.draw(STORIES[kind])

    once = answers(section, said, TODAY).values
    again = answers(section, typed(section.questions, once), TODAY).values

    assert again == once
    assert changed_meanwhile(section, typed(section.questions, once), once) == []


def test_income_per_head_is_the_four_kinds_and_never_the_aid() -> None:
    income = {"wage": 300_000, "transfer": 50_001, "aid": 999_999}

    assert income_per_head(income, 2) == 175_001  # half a fen goes up
    assert income_per_head({"aid": 5}, 2) is None
    assert [per_head(100, 3), per_head(7, 0)] == [33, 7]


def test_the_cover_is_compared_with_what_comes_out_and_proposed_nothing_where_nothing_was_said() -> (
    None
):
    sections = {"income": {"wage": 200_000, "aid": 80_000}}

    odd = oddities({"income_fen": 120_000, "aid_fen": 80_000}, sections, 2)

    assert [(one.label, one.stated, one.computed) for one in odd] == [
        ("月人均收入", 120_000, 100_000)
    ]
    assert proposed(sections, 2) == {"income_fen": 100_000, "aid_fen": 80_000}
    assert proposed({}, 2) == {}
    assert oddities({}, {}, 2) == []


def test_figures_under_a_section_keep_the_public_purse_and_others_apart() -> None:
    received = [
        {"what": "living", "giver": "civil", "amount": 80_000, "per": "month"},
        {"what": "charity", "giver": "charity", "amount": 20_000, "per": "month"},
        {"what": "living", "giver": "civil", "amount": 1, "per": "month", "until": "2026-03-02"},
        {"what": "visit", "giver": "village", "amount": 30_000, "per": "once"},
    ]
    sections = {
        "income": {"wage": 100_000},
        "spending": {"medical": 600_000, "living": 300_000},
        "assets": {"deposits": 5, "funds": 6, "woods": 7},
        "assistance": {"received": received},
        "assessment": {"score": 40, "basics": "2"},
    }

    found = {
        kind: [(one.label, one.value) for one in totals(kind, sections, 2, TODAY)]
        for kind in SECTIONS
    }

    assert found["income"] == [("全家每月", 100_000), ("人均每月", 50_000)]
    assert found["spending"] == [("全年合计", 900_000), ("占全年收入", 75)]
    assert found["assets"] == [("金融资产", 11)]
    assert found["assistance"] == [("政府每月", 80_000), ("社会帮扶每月", 20_000)]
    assert found["assessment"] == [("总分", 40)]
    assert found["plan"] == found["housing"] == found["support"] == []
    assert "6 项没评" in totals("assessment", sections, 2, TODAY)[0].note


def test_the_weights_of_the_assessment_are_a_hundred() -> None:
    assert sum(weight for _, weight, _ in DIMENSIONS.values()) == 100
    assert score(dict.fromkeys(DIMENSIONS, "4")) == 100
    assert score(dict.fromkeys(DIMENSIONS, "0")) == score({}) == 0
    assert score({"basics": "2", "mind": "1"}) == 13  # 20/2 + 10/4, half up


def test_an_assessment_is_what_the_rules_of_risk_read() -> None:
    heavy, _ = read("assessment", on="2026-03-01", **dict.fromkeys(DIMENSIONS, "3"))
    crisis, _ = read("assessment", on="2026-03-01", crises=["hunger"])
    calm, _ = read("assessment", on="2026-03-01", basics="1")

    assert heavy["score"] == 75
    assert judged(Category.DB, [], {"assessment": heavy}) == (Tier.WEEKLY, TierRule.HIGH_SCORE)
    assert judged(Category.DB, [], {"assessment": crisis}) == (Tier.WEEKLY, TierRule.CRISIS)
    assert judged(Category.DB, [], {"assessment": calm}) == (Tier.QUARTERLY, TierRule.ORDINARY)


def test_free_words_stay_covered_until_they_are_opened() -> None:
    sections = {
        "support": {
            "ties": "few",
            "note": "和弟弟吵过",
            "helpers": [{"who": "child", "name": "阿强"}],
        }
    }

    covered = str(shown(sections, 1, TODAY, clear=False))
    clear = str(shown(sections, 1, TODAY, clear=True))

    assert "吵过" not in covered
    assert "阿强" not in covered
    assert "很少来往" in covered
    assert "吵过" in clear
    assert "阿强" in clear


def a_document(**more: Any) -> dict[str, Any]:
    person = {"relationship_code": "0", "birth": "1950-01-01", "sex": "1", "health": "fair"}
    whole = {
        "cover": {"category": "QT", "door": "门", "cause": "illness", "housing": "own"},
        "members": {"A": person | {"id_number": "x", "position": 0}},
        "sections": {"income": {"wage": 0}, "housing": {"area": 1}, "assessment": {"score": 1}},
    }
    return whole | more


def test_the_history_calls_the_places_of_sections_by_name() -> None:
    assert words_of("sections/income/wage") == "收入·工资性收入"
    assert words_of("sections/plan") == "服务计划"
    assert words_of("sections/unknown/x") == "档案内容"


def test_a_file_that_says_enough_misses_nothing() -> None:
    assert missing(a_document()) == []


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"sections": {}}, ["section:income", "section:housing", "section:assessment"]),
        ({"members": {}}, ["cover"]),
        ({"cover": {"category": "QT"}}, ["cover", "cover", "cover"]),
    ],
)
def test_what_is_missing_says_where_it_is_filled_in(more: dict[str, Any], found: list[str]) -> None:
    assert [gap.where for gap in gaps(a_document(**more))] == found


@pytest.mark.parametrize(
    ("category", "kinds"), [("DB", ["assets"]), ("BY", ["assets"]), ("GX", ["assets", "spending"])]
)
def test_what_the_law_judges_by_is_asked_for(category: str, kinds: list[str]) -> None:
    document = a_document()
    document["cover"]["category"] = category

    assert [gap.where for gap in gaps(document)] == [f"section:{kind}" for kind in kinds]


def test_somebody_without_papers_needs_a_reason_and_those_who_left_need_nothing() -> None:
    document = a_document()
    document["members"]["B"] = {"position": 1, "relationship_code": "2", "id_why": "infant"}
    document["members"]["C"] = {"position": 2, "relationship_code": "3", "left_on": "2026-01-01"}

    words = missing(document)

    assert words == [
        "第 2 位成员还没有出生日期",
        "第 2 位成员还没写性别",
        "第 2 位成员还没写健康状况",
    ]
    assert {gap.where for gap in gaps(document)} == {"member:B"}
