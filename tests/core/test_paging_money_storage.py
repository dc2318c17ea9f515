"""Paging, money and files (翻页、金额、文件): laws that hold for any input."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from app.core import clock, codes, paging
from app.core.db import db, transaction
from app.core.jobs import JobRun
from app.core.money import LARGEST_FEN, parse_yuan, split
from app.core.storage import FolderStorage, from_url

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

NAMES = st.sampled_from(["a", "b", "B", "c-1", "c_1", "Z9"])
COLUMNS = (JobRun.name, JobRun.changed, JobRun.started_at)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(NAMES, st.integers(-2, 2), st.integers(0, 3)), max_size=14),
    descending=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    size=st.integers(1, 5),
)
def test_the_pages_put_together_are_the_whole_list(
    app: Flask, rows: list[tuple[str, int, int]], descending: tuple[bool, ...], size: int
) -> None:
    start = clock.at(clock.today())
    with transaction():
        db.session.execute(delete(JobRun))
        if rows:
            db.session.execute(
                insert(JobRun),
                [
                    {
                        "name": name,
                        "period": str(number),
                        "changed": changed,
                        "started_at": start.replace(minute=minute),
                    }
                    for number, (name, changed, minute) in enumerate(rows)
                ],
            )
    columns = list(zip((*COLUMNS, JobRun.id), descending, strict=True))
    order = [column.desc() if down else column.asc() for column, down in columns]
    whole = db.session.scalars(select(JobRun.id).order_by(*order)).all()

    found, cursor, turns = [], None, 0
    while turns == 0 or cursor:
        page = paging.fetch(
            db.session,
            select(JobRun),
            columns,
            cursor,
            key=lambda run: [run.name, run.changed, run.started_at, run.id],
            size=size,
        )
        assert len(page.rows) <= size
        found += [run.id for run in page.rows]
        cursor, turns = page.next, turns + 1

    assert found == list(whole)
    assert turns <= len(rows) // size + 1


def cursor_of(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "é",
        "=" * 9,
        cursor_of(),
        cursor_of("a"),
        cursor_of("a", 1, "2026-09-03T00:00:00", 1),
        cursor_of("a", 1, "2026-09-03T00:00:00+00:00", 10**30),
        cursor_of("a", "x", "2026-09-03T00:00:00+00:00", 1),
        cursor_of("a\0", 1, "2026-09-03T00:00:00+00:00", 1),
        cursor_of("\ud800", 1, "2026-09-03T00:00:00+00:00", 1),
        cursor_of(None, None, None, None),
        cursor_of([], {}, 1.5, [1]),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
    ids=range(14),
)
def test_a_hostile_cursor_is_no_error(app: Flask, cursor: str) -> None:
    columns = [(column, False) for column in (*COLUMNS, JobRun.id)]

    page = paging.fetch(db.session, select(JobRun), columns, cursor, key=lambda run: [run.id])

    assert page.rows == []


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=12))
def test_a_split_loses_no_fen(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="weights"):
            split(total, weights)
        return

    parts = split(total, weights)

    assert sum(parts) == total
    assert len(parts) == len(weights)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    fair = [total * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) <= len(weights) for part, share in zip(parts, fair, strict=True))


def test_the_last_household_takes_the_odd_fen() -> None:
    assert split(100, [1, 1, 1]) == [33, 33, 34]
    assert split(100, [1, 1, 0]) == [50, 50, 0]
    with pytest.raises(ValueError, match="weights"):
        split(100, [1, -1, 5])


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("¥1,206.00", 120600),
        ("1206元", 120600),
        (" 0.01 ", 1),
        ("１２．５", 1250),
        ("￥1，206", 120600),
        ("-5", -500),
        ("+5.", 500),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, fen: int) -> None:
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize(
    "typed",
    ["", "元", "0.001", "1e3", "1_000", "nan", "inf", "sNaN", "1e999999999", "1.2.3", "五元", "9" * 16, "100000000001"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself is the message
        parse_yuan(typed)


@given(st.integers(-LARGEST_FEN, LARGEST_FEN))
def test_an_amount_written_out_is_read_back(fen: int) -> None:
    sign = "-" if fen < 0 else ""

    assert parse_yuan(f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02}") == fen


def test_a_file_is_kept_under_a_name_that_says_nothing(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path / "media")

    key = store.put(b"photo")

    assert store.get(key) == b"photo"
    assert store.put(b"photo") != key
    store.delete(key)
    store.delete(key)
    with pytest.raises(FileNotFoundError):
        store.get(key)


def test_a_half_written_file_is_under_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStorage(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.core.storage.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"photo")

    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".new"]
    assert kept == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../../etc/passwd",
        "/etc/passwd",
        "ab/../../x",
        "ab/" + "c" * 29,
        "AB/" + "c" * 30,
        "ab\\" + "c" * 30,
        "ab/" + "c" * 30 + "\n",
        "ab/" + "c" * 30 + ".new",
    ],
    ids=range(9),
)
def test_a_hostile_key_reaches_no_file(tmp_path: Path, key: str) -> None:
    store = FolderStorage(tmp_path / "media")

    for verb in (store.get, store.delete):
        with pytest.raises(FileNotFoundError):
            verb(key)


def test_a_storage_is_named_by_its_url(tmp_path: Path) -> None:
    folder = tmp_path / "照片 1"

    assert from_url(folder.as_uri()).put(b"x")
    assert any(folder.iterdir())
    with pytest.raises(ValueError, match="SHANLIN_STORAGE_URL"):
        from_url("ftp://x")


def test_a_code_has_nothing_that_is_mistaken_on_paper() -> None:
    made = [codes.new("T") for _ in range(200)]

    assert len(set(made)) == 200
    assert all(code.startswith("T-") and not set(code[2:]) & set("01OILU") for code in made)


@given(st.binary(min_size=16, max_size=16))
def test_a_derived_code_is_spelt_like_any_other_and_always_the_same(digest: bytes) -> None:
    code = codes.derived("U", digest)

    assert code == codes.derived("U", digest)
    assert len(code) == 12
    assert set(code[2:]) <= set(codes.ALPHABET)
