"""Reading one person and one household from a form: papers of every kind, and what does not fit together."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.households.rules import Relationship, SelfCare
from app.households.rules.intake import read_intake
from app.households.rules.kinship import seen_from
from app.households.rules.person import ABILITIES, FORM_FACTS, read_person, self_care_of

TODAY = date(2026, 3, 3)
WOMAN, MAN = "440623195603151820", "440606198607040017"
WENXIU = "440606005002"
R = Relationship


def read(**said: Any) -> Any:
    return read_person({"name": "冼㘵", "relationship_code": "2"} | said, TODAY)


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ({"id_number": WOMAN}, {"id_kind": "resident", "birth": "1956-03-15", "sex": "2"}),
        ({"id_number": "４４０６２３ 19560315 1820"}, {"id_number": WOMAN}),
        ({"id_number": "440623560315182"}, {"id_number": WOMAN, "id_kind": "resident"}),
        ({"id_number": "830000197005050020"}, {"id_kind": "residence_permit", "sex": "2"}),
        ({"id_number": "830000197005050020", "id_kind": "resident"}, {"id_kind": "residence_permit"}),
        ({"id_number": "H12345678"}, {"id_kind": "home_return"}),
        ({"id_number": "e12345678", "id_kind": "passport"}, {"id_number": "E12345678"}),
        ({"id_number": "军字第123号", "id_kind": "other"}, {"id_kind": "other"}),
        ({"id_kind": "none", "id_why": "infant"}, {"id_kind": "none", "id_why": "infant"}),
        ({"birth": "1956.3.15"}, {"birth": "1956-03-15"}),
        ({"phone": "138-0000-5678", "phones": "22331234、13900001111"},
         {"phone": "13800005678", "phones": ["22331234", "13900001111"]}),
        ({"certificate": WOMAN + "42", "id_number": WOMAN},
         {"certificate": WOMAN + "42", "disability_kind": "4", "disability_level": "2"}),
        ({"cannot": ["eat", "walk"]}, {"self_care": "partly", "cannot": ["eat", "walk"]}),
        ({"account": "6228 4804 0256 4890"}, {"account": "6228480402564890"}),
        ({"drop_account": True}, {"account": ""}),
        ({"health": "chronic", "labour": "none"}, {"health": "chronic", "labour": "none"}),
    ],
)  # fmt: skip
def test_a_person_is_read_from_what_papers_they_have(said: dict[str, Any], facts: Any) -> None:
    found = read(**said)

    assert (found.errors, found.warnings) == ({}, {})
    assert facts.items() <= found.facts.items()
    assert found.facts.keys() <= FORM_FACTS


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"name": " "}, "name", "请写姓名"),
        ({"name": "张三、李四"}, "name", "只写一个人"),
        ({"relationship_code": ""}, "relationship_code", "和户主的关系"),
        ({"relationship_code": "77"}, "relationship_code", "从里面选"),
        ({"id_number": "440623195603151821"}, "id_number", "校验位有误"),
        ({"id_number": "12", "id_kind": "resident"}, "id_number", "校验位有误"),
        ({"id_number": "K1", "id_kind": "home_return"}, "id_number", "H 或 M"),
        ({"id_number": "护照", "id_kind": "passport"}, "id_number", "字母和数字"),
        ({"id_number": WOMAN, "id_kind": "none"}, "id_kind", "哪一种证件"),
        ({"id_kind": "dream"}, "id_kind", "从里面选"),
        ({"birth": "1956"}, "birth", "写到年月日"),
        ({"birth": "2026-03-04"}, "birth", "再核对"),
        ({"birth": "1880-01-01"}, "birth", "再核对"),
        ({"phone": "1380000567"}, "phone", "位数不对"),
        ({"certificate": WOMAN + "92"}, "certificate", "20 位"),
        ({"account": "卡号在家里"}, "account", "只有数字"),
        ({"note": "长" * 301}, "note", "300 字"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    said: dict[str, str], field: str, words: str
) -> None:
    found = read(**said)

    assert list(found.errors) == [field]
    assert words in found.errors[field]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"id_number": WOMAN, "birth": "1956-03-16"}, "birth"),
        ({"id_number": WOMAN, "sex": "1"}, "sex"),
        ({"id_number": MAN, "certificate": WOMAN + "42"}, "certificate"),
        ({"certificate": WOMAN + "42", "disability_level": "1"}, "disability_kind"),
        ({"cannot": list(ABILITIES), "self_care": "partly"}, "self_care"),
    ],
)
def test_what_does_not_fit_together_is_asked_about_and_kept_as_typed(
    said: dict[str, Any], field: str
) -> None:
    found = read(**said)

    assert found.errors == {}
    assert list(found.warnings) == [field]
    typed = said.get(field)
    assert typed is None or found.facts[field] == typed


@pytest.mark.parametrize(
    ("lost", "care"),
    [(0, SelfCare.FULL), (1, SelfCare.PARTLY), (3, SelfCare.PARTLY), (4, SelfCare.LOST), (6, SelfCare.LOST)],
)  # fmt: skip
def test_self_care_follows_from_the_six_abilities(lost: int, care: SelfCare) -> None:
    assert self_care_of(list(ABILITIES)[:lost]) is care


@pytest.mark.parametrize(
    ("new", "other", "sex", "seen"),
    [
        (R.SPOUSE, R.HOUSEHOLDER, "1", R.SPOUSE),
        (R.SPOUSE, R.SON, "1", R.SON),
        (R.SPOUSE, R.PARENT, "2", R.OTHER),
        (R.SON, R.HOUSEHOLDER, "1", R.PARENT),
        (R.SON, R.SPOUSE, "2", R.PARENT),
        (R.DAUGHTER, R.SON, "1", R.SIBLING),
        (R.SON, R.GRANDCHILD, "1", R.OTHER),
        (R.PARENT, R.HOUSEHOLDER, "2", R.DAUGHTER),
        (R.PARENT, R.HOUSEHOLDER, "0", R.OTHER),
        (R.PARENT, R.SON, "1", R.GRANDCHILD),
        (R.GRANDCHILD, R.HOUSEHOLDER, "1", R.GRANDPARENT),
        (R.SIBLING, R.PARENT, "1", R.PARENT),
        (R.OTHER, R.HOUSEHOLDER, "1", R.OTHER),
    ],
)
def test_relationships_turn_with_the_householder(
    new: Relationship, other: Relationship, sex: str, seen: Relationship
) -> None:
    assert seen_from(new, other, sex) is seen


def intake(**said: Any) -> Any:
    whole = {"region_code": WENXIU, "category": "DB", "name": "霍凤志"}
    return read_intake(whole | said, TODAY, {WENXIU})


def test_a_household_needs_only_a_place_a_category_and_a_name() -> None:
    found = intake()

    assert (found.errors, found.warnings) == ({}, {})
    assert found.cover["name"] == "霍凤志"
    assert [one["relationship_code"] for one in found.people] == ["0"]


def test_people_are_read_in_rows_and_empty_rows_are_not_there() -> None:
    rows: list[dict[str, Any]] = [
        {}, {"relationship_code": "1"}, {"name": "冼英", "relationship_code": "1", "code": "K"},
    ]  # fmt: skip

    found = intake(people=rows, income="300.50", phone="13800005678")

    assert [one["name"] for one in found.people] == ["霍凤志", "冼英"]
    assert found.people[1]["code"] == "K"
    assert (found.cover["income_fen"], found.cover["phone"]) == (30050, "13800005678")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"region_code": "440606006001"}, "region_code"),
        ({"category": ""}, "category"),
        ({"name": ""}, "name"),
        ({"cause": "fate"}, "cause"),
        ({"housing": "castle"}, "housing"),
        ({"door": "长" * 121}, "door"),
        ({"income": "少"}, "income"),
        ({"income": "-1"}, "income"),
        ({"people": [{}, {"name": "冼英"}]}, "people-1-relationship_code"),
        ({"people": [{"name": "冼英", "relationship_code": "0"}]}, "people-0-relationship_code"),
        ({"id_number": WOMAN, "people": [{"name": "冼英", "relationship_code": "1", "id_number": WOMAN}]}, "people"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_of_a_household_is_told_beside_its_field(
    said: dict[str, Any], field: str
) -> None:
    assert list(intake(**said).errors) == [field]


def test_a_warning_of_a_row_stands_in_its_row() -> None:
    row = {"name": "冼英", "relationship_code": "1", "id_number": MAN, "birth": "1986-07-05"}

    assert list(intake(people=[{}, row]).warnings) == ["people-1-birth"]
