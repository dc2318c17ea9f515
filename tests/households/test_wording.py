"""How the values of a document are said (档案里的话): in words, and nothing that could name somebody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.households.rules.document import difference
from app.households.rules.wording import (
    PERSON,
    REGION,
    cover_facts,
    person_lines,
    place_words,
    places,
    said,
    section_facts,
)

KEYS = st.sampled_from(
    ["note", "name", "phone", "door", "id_number", "people", "left_why", "worker", "anything", "certificate"]
)  # fmt: skip
WRITTEN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5, exclude_characters="村社居")
SECRETS = st.text(WRITTEN, min_size=4, max_size=12)  # a village's name alone is nobody's secret
FACTS = st.recursive(
    SECRETS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "cover": st.dictionaries(st.sampled_from(["name", "phone", "door"]), SECRETS),
        "papers": st.dictionaries(KEYS, SECRETS, max_size=3),
        "members": st.dictionaries(st.just("A"), st.dictionaries(KEYS, FACTS, max_size=3)),
        "sections": st.dictionaries(st.just("support"), st.dictionaries(KEYS, FACTS, max_size=3)),
    }
)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    within = value.values() if isinstance(value, dict) else value
    return [one for each in within for one in texts(each)]


@given(DOCUMENTS, DOCUMENTS)
def test_a_covered_history_says_no_word_that_somebody_wrote(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    told = places(difference(before, after), clear=False)

    shown = " ".join(f"{place.before} {place.after}" for place in told)
    assert [text for text in texts(before) + texts(after) if text in shown] == []


@given(DOCUMENTS)
def test_a_covered_past_day_says_no_word_that_somebody_wrote(document: dict[str, Any]) -> None:
    facts = cover_facts(document, clear=False)
    facts += [one for _, said_there in section_facts(document, clear=False) for one in said_there]
    people = person_lines(document, date(2026, 3, 1), clear=False)

    shown = repr(([one.said for one in facts], people))
    assert [text for text in texts(document) if text in shown] == []


@pytest.mark.parametrize(
    ("path", "value", "covered", "clear"),
    [
        ("cover/category", "TK", "特困人员", "特困人员"),
        ("cover/state", "paused", "暂停", "暂停"),
        ("cover/tier_rule", "child", "困境儿童", "困境儿童"),
        ("cover/income_fen", 120_600, "¥1,206.00", "¥1,206.00"),
        ("cover/is_kin", True, "是", "是"),
        ("cover/filed_on", "2024-09-01", "2024年9月1日", "2024年9月1日"),
        ("cover/region_code", "440606005002", "440606005002", "440606005002"),
        ("cover/worker_id", 7, 7, 7),
        ("cover/cause", None, "—", "—"),
        ("members/A/name", "欧阳震华", "欧阳**", "欧阳震华"),
        ("members/A/birth", "1949-08-15", "1949年", "1949年8月15日"),
        ("members/A/phones", ["13812345678", "22331234"], "138****5678、2****234", "13812345678、22331234"),
        ("members/A/id_number", "440623195603151820", "4406**********1820", "440623195603151820"),
        ("members/A/relationship_code", "2", "子", "子"),
        ("members/A/id_kind", "home_return", "港澳居民来往内地通行证", "港澳居民来往内地通行证"),
        ("members/A/note", "爱喝早茶", "***（4 字，已遮住）", "爱喝早茶"),
        ("sections/assessment/score", 72, "72", "72"),
        ("sections/income/wage", 180_000, "¥1,800.00", "¥1,800.00"),
        ("sections/housing/area", 38, "38 平方米", "38 平方米"),
        ("sections/housing/right", "rented", "租来的", "租来的"),
        ("sections/housing/lift", False, "否", "否"),
        ("sections/income/known", ["said", "visit"], "本人申报、入户核实", "本人申报、入户核实"),
        ("sections/assets/vehicles", [{"what": "car", "worth": 9_900}],
         "财产·什么车 小汽车；财产·大约值多少 ¥99.00", "财产·什么车 小汽车；财产·大约值多少 ¥99.00"),
        ("sections/income/note", "爱喝早茶", "***（4 字，已遮住）", "爱喝早茶"),
    ],
)  # fmt: skip
def test_values_are_said_in_words(path: str, value: Any, covered: Any, clear: Any) -> None:
    assert (said(path, value, clear=False), said(path, value, clear=True)) == (covered, clear)


def test_a_person_who_came_is_every_fact_of_theirs() -> None:
    changed: dict[str, list[Any]] = {
        "members/A": [None, {"name": "陈小文", "sex": "1"}],
        "cover/worker_id": [3, 4],
    }

    told = {place.path: place for place in places(changed, clear=True)}

    assert told["members/A/name"].after == "陈小文"
    assert (told["members/A/sex"].before, told["members/A/sex"].after) == ("—", "男")
    assert told["members/A/name"].member == "A"
    assert (told["cover/worker_id"].kind, told["cover/worker_id"].before) == (PERSON, 3)
    assert places({"cover/region_code": ["1", "2"]}, clear=False)[0].kind == REGION


def test_places_are_called_as_people_call_them() -> None:
    assert place_words("members/A/phone") == "电话"
    assert place_words("cover/income_fen") == "月人均收入"
    assert place_words("papers/worker") == "台账责任人"
