"""What a person and a household are found by (检索词), and how what was typed is understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.households.rules import person_tokens, ways
from app.households.rules.doors import pieces
from app.households.rules.search import document_words, door_tokens, is_last_four, is_one_letter

ID = "440623195603151820"


def finds(typed: str, words: list[str] | set[str] | tuple[str, ...]) -> bool:
    return any(set(way) <= set(words) for way in ways(typed))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("曾重庆", "曾"), ("曾重庆", "重庆"), ("曾重庆", "曾重庆"), ("曾重庆", "zcq"), ("曾重庆", "zc"),
        ("仇英", "qy"), ("解珍", "xz"), ("单雄信", "sxx"), ("区兰", "OL"), ("尉迟恭", "ycg"),
        ("尉明", "wm"), ("尉明", "ym"), ("乐嘉", "yj"), ("乐嘉", "lj"), ("覃辉", "qh"), ("覃辉", "th"),
        ("欧阳震华", "oyzh"), ("阿卜杜拉·买买提", "阿卜杜拉买买提"), ("阿卜杜拉·买买提", "abdl"),
        ("霍凤志", "huofengzhi"), ("霍凤志", "HUO"), ("霍凤志", "huo fengzhi"), ("霍凤志", "huofe"),
        ("霍凤志", "huofengz"), ("霍凤志", "huof"), ("西安宁", "xi'an"), ("吕绿", "lvlv"), ("吕绿", "lü"),
        ("单英", "shanying"), ("单英", "danying"), ("曾国", "zeng"), ("曾国", "cengguo"),
        ("仇英", "qiuying"), ("仇英", "chouying"), ("区兰", "oulan"), ("区兰", "qulan"),
        ("曾重庆", "zengchongqing"), ("曾重庆", "zengzhongqing"), ("尉迟恭", "yuchigong"),
        ("欧阳震华", "ouyang"), ("欧阳震华", "ouyangzhenhua"),
    ],
)  # fmt: skip
def test_a_person_is_found_by_name(name: str, typed: str) -> None:
    assert finds(typed, person_tokens(name))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("㘵明", "㘵"), ("㘵明", "㘵明"), ("冼㙟", "冼㙟"), ("冼㙟", "xianlang"), ("冼㙟", "xl"),  # extension A
        ("陈𠮷祥", "𠮷"), ("陈𠮷祥", "陈𠮷"), ("陈𠮷祥", "𠮷祥"), ("梁𡃁", "𡃁"),  # extension B
        ("陈𠮷祥", "cx"), ("陈𠮷祥", "chen"),  # who cannot be read aloud is passed over
    ],
)  # fmt: skip
def test_a_rare_character_is_a_character_like_any_other(name: str, typed: str) -> None:
    assert finds(typed, person_tokens(name))


@pytest.mark.parametrize(
    ("name", "typed"),
    [("曾重庆", "庆重"), ("曾重庆", "ccq"), ("区兰", "ql"), ("霍凤志", "fengzhi"), ("霍凤志", "huozhi"),
     ("霍凤志", "huoz"), ("霍凤志", "h"), ("𠮷明", "㘵")],
)  # fmt: skip
def test_a_person_is_not_found_by_what_the_name_is_not(name: str, typed: str) -> None:
    assert not finds(typed, person_tokens(name))


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=8))
def test_every_part_of_a_name_finds_it(name: str) -> None:
    words = person_tokens(name)

    assert all(
        finds(name[start:end], words)
        for start in range(len(name))
        for end in range(start + 1, len(name) + 1)
    )


@given(st.text())
def test_whatever_is_typed_is_read_in_a_few_ways(typed: str) -> None:
    assert len(ways(typed)) <= 4
    assert all(all(way) for way in ways(typed))


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        (ID, ("i:" + ID,)), ("440623 19560315 1820", ("i:" + ID,)), ("440623560315182", ("i:" + ID,)),
        ("182x", ("l:182X",)), ("1820", ("l:1820",)), ("138-1234-5678", ("t:13812345678",)),
        ("+86 13812345678", ("t:13812345678",)), ("ZCQ", ("p:zcq",)), ("h12345678", ("i:H12345678",)),
    ],
)  # fmt: skip
def test_what_was_typed_is_understood(typed: str, way: tuple[str, ...]) -> None:
    assert ways(typed)[0] == way


def test_nothing_typed_asks_for_nothing() -> None:
    assert ways(" \u200b") == []


def test_number_and_phone_find_their_person() -> None:
    tokens = person_tokens("霍英", ID, ["13812345678", "0757-22331234"])

    for typed in (ID, "1820", "13812345678", "075722331234", "0757-22331234", "22331234"):
        assert finds(typed, tokens)


@pytest.mark.parametrize(
    ("door", "typed"),
    [
        ("文秀社区仕版38号496", "仕版"), ("文秀社区仕版38号496", "仕版38号"),
        ("文秀社区仕版38号496", "文秀社区仕版38号496"), ("文秀社区仕版38号496", "仕版 38"),
        ("顺德区大良街道凤山中路12号3栋502", "凤山中路"), ("顺德区大良街道凤山中路12号3栋502", "凤山"),
        ("顺德区大良街道凤山中路12号3栋502", "中路"), ("顺德区大良街道凤山中路12号3栋502", "山中路"),
        ("顺德区大良街道凤山中路12号3栋502", "凤山中路12"),
        ("广东省佛山市顺德区大良街道文秀社区居委会凤山花园3座1201", "凤山花园3座"),
        ("大门村新基七路9号", "新基七路9号"), ("向阳新村三街2号", "向阳新村"), ("𠮷祥里5号", "𠮷祥里5号"),
    ],
)  # fmt: skip
def test_a_household_is_found_by_its_door(door: str, typed: str) -> None:
    assert finds(typed, door_tokens(door))


@pytest.mark.parametrize(
    ("door", "typed"),
    [("文秀社区仕版38号", "仕版39号"), ("文秀社区仕版38号", "文秀"), ("凤山中路12号", "凤山东路"),
     ("凤山中路12号", "中路凤山"), ("12号", "12号")],
)  # fmt: skip
def test_a_household_is_not_found_by_another_door(door: str, typed: str) -> None:
    assert not finds(typed, door_tokens(door))


@given(st.text(max_size=60))
def test_any_address_gives_a_few_words(door: str) -> None:
    assert len(pieces(door)) <= 2
    assert len(door_tokens(door)) <= 20


def a_document(**sections: Any) -> dict[str, Any]:
    return {
        "cover": {"name": "霍凤志", "phone": "13800005678", "door": "仕版38号"},
        "members": {
            "A": {"name": "霍凤志", "id_number": ID, "phones": ["13911112222"]},
            "B": {"name": "陈大文", "phone": "13733334444", "left_on": "2026-03-01"},
        },
        "sections": sections,
    }


@pytest.mark.parametrize(
    "labels",
    [
        {"words": ["独居", "听力不好"]},
        {"独居": True, "听力不好": True, "养狗": False},
        ["独居", "听力不好"],
        {"A": {"独居": "2026-01-05", "GE": "2026-02-01"}},
    ],
)
def test_a_whole_file_is_found_by_all_that_it_says(labels: object) -> None:
    words = document_words(
        a_document(labels=labels, support={"people": [{"phone": "13655556666"}]})
    )

    for typed in ("霍凤志", ID, "13800005678", "13911112222", "仕版38号", "独居", "13655556666"):
        assert finds(typed, words)
    for typed in ("陈大文", "13733334444", "养狗"):  # who left, and what was not ticked
        assert not finds(typed, words)


def test_a_tag_is_found_by_its_name() -> None:
    words = document_words(a_document(labels={"A": {"GE": "2026-02-01", "CJ2": "2026-02-01"}}))

    assert finds("孤儿", words)
    assert finds("重度残疾人护理补贴", words)
    assert not finds("低保", words)


def test_what_says_too_little_is_known() -> None:
    assert is_last_four(" 182x ")
    assert not is_last_four("18200")
    assert is_one_letter(" H")
    assert not is_one_letter("霍")
    assert not is_one_letter("hf")
