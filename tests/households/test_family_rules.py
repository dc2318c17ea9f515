"""Rules of family changes, read aloud: who is who to a new householder, and what a document says afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.households.rules.families import (
    Choices,
    LeftWhy,
    Successor,
    clashes,
    come,
    emptied,
    head_of,
    headed_by,
    known_relation,
    leave,
    living,
    merged,
    relation_to,
    same_people,
    split_off,
    without,
)

DAY = date(2026, 3, 2)


def a_document(**cover: Any) -> dict[str, Any]:
    said = {"category": "DB", "state": "active", "name": "霍凤志", "phone": "1", "door": "旧家"}
    return {
        "cover": said | cover,
        "papers": {"source_no": "7"},
        "members": {
            "H": {"name": "霍凤志", "position": 0, "relationship_code": "0", "birth": "1956-03-15"},
            "W": {"name": "梁桂芳", "position": 1, "relationship_code": "1", "relationship": "妻"},
            "S": {"name": "霍健豪", "position": 2, "relationship_code": "2", "phone": "2"},
        },
        "sections": {"assets": {"car": "没有"}},
    }


@pytest.mark.parametrize(
    ("new_head", "other", "said"),
    [
        ("1", "2", "2"),  # the wife's son
        ("1", "5", "5"),  # her parents-in-law count as parents
        ("2", "1", "5"),  # the son's mother
        ("2", "3", "7"),  # his sister
        ("2", "5", "6"),  # his grandparents
        ("2", "4", "8"),  # his child or his nephew: nobody can know
        ("4", "2", "8"),  # his father or his uncle
        ("5", "2", "4"),  # a mother's grandson
        ("8", "1", "8"),
    ],
)
def test_who_somebody_is_to_the_new_householder(new_head: str, other: str, said: str) -> None:
    assert relation_to(new_head, other) == said


@pytest.mark.parametrize(("code", "kept"), [("2", "2"), ("0", "8"), ("99", "8"), (None, "8")])
def test_only_known_relationships_are_kept_and_one_is_householder(
    code: str | None, kept: str
) -> None:
    assert known_relation(code) == kept


def test_who_leaves_stays_on_file_behind_the_others() -> None:
    before = a_document()

    after = leave(before, ["H"], DAY, LeftWhy.DIED)

    assert [code for code, _ in living(after)] == ["W", "S"]
    assert after["members"]["H"]["left_on"] == "2026-03-02"
    assert after["members"]["H"]["position"] == 900
    assert "left_on" not in before["members"]["H"]  # the document before is never touched


def test_a_new_householder_brings_name_and_phone_and_the_family_keeps_its_door() -> None:
    after = headed_by(leave(a_document(), ["H"], DAY, LeftWhy.DIED), Successor("S"))

    cover = after["cover"]
    assert (cover["name"], cover["phone"], cover["door"]) == ("霍健豪", "2", "旧家")
    assert head_of(after) == "S"
    assert after["members"]["W"]["relationship_code"] == "5"
    assert "relationship" not in after["members"]["W"]


def test_what_the_worker_says_counts_more_than_the_guess() -> None:
    gone = leave(a_document(), ["H"], DAY, LeftWhy.DIED)

    after = headed_by(gone, Successor("W", {"S": "8"}, "3", "新家"))

    assert after["members"]["S"]["relationship_code"] == "8"
    assert (after["cover"]["phone"], after["cover"]["door"]) == ("3", "新家")


@pytest.mark.parametrize(
    ("state", "after"), [("active", "closed"), ("paused", "closed"), ("draft", "draft")]
)
def test_a_file_without_anybody_closes_if_it_was_in_force(state: str, after: str) -> None:
    said = a_document(state=state)

    assert without(said, ["H", "W", "S"], DAY, LeftWhy.DIED, None)["cover"]["state"] == after


def test_who_comes_stands_behind_and_who_comes_back_where_they_stood() -> None:
    gone = leave(a_document(), ["S"], DAY, LeftWhy.MOVED)

    after = come(gone, {"S": gone["members"]["S"], "N": {"name": "新人"}}, {"S": "2"})

    assert [code for code, _ in living(after)] == ["H", "W", "S", "N"]
    assert after["members"]["S"]["relationship_code"] == "2"
    assert after["members"]["N"]["relationship_code"] == "8"
    assert "left_why" not in after["members"]["S"]


def test_who_parts_keeps_the_class_and_leaves_the_aid() -> None:
    said = a_document(aid_fen=100, income_fen=50)

    first = split_off(said, ["S"], Successor("S", door="新家"), DAY)

    cover = first["cover"]
    assert (cover["category"], cover["state"], cover["name"]) == ("DB", "under_review", "霍健豪")
    assert "aid_fen" not in cover
    assert first["members"]["S"]["relationship_code"] == "0"


def test_two_records_of_one_person_are_seen_by_number_or_by_ear_once_each() -> None:
    mine, other = a_document(), a_document()
    mine["members"]["W"]["id_number"] = "440623195603151820"
    other["members"] = {
        "A": {"name": "霍凤枝", "birth": "1956-03-15", "position": 0},
        "B": {"name": "别的名字", "id_number": "440623560315182", "position": 1},
        "C": {"name": "霍凤志", "birth": "1956-03-15", "position": 2},
    }

    assert same_people(mine, other) == {"A": "H", "B": "W"}


def test_only_where_both_speak_and_differ_somebody_has_to_choose() -> None:
    mine, other = a_document(income_fen=1), a_document(income_fen=2, housing="own", door="新家")
    other["sections"] = {"assets": {"car": "有"}, "plan": {"goal": "x"}}

    assert clashes(mine, other) == ["cover/income_fen", "cover/door", "sections/assets"]

    after = merged(mine, other, Choices({}, {"cover/door", "sections/assets"}))
    assert (after["cover"]["income_fen"], after["cover"]["housing"]) == (1, "own")
    assert after["cover"]["door"] == "新家"
    assert after["sections"] == {"assets": {"car": "有"}, "plan": {"goal": "x"}}
    assert after["cover"]["category"] == mine["cover"]["category"]


def test_a_file_that_went_into_another_is_archived_with_all_it_said() -> None:
    after = emptied(a_document(), DAY)

    assert living(after) == []
    assert after["cover"]["state"] == "archived"
    assert after["sections"] == {"assets": {"car": "没有"}}
