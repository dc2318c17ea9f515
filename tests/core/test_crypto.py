"""Encryption (加密): what is moved, altered or without its key does not open."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.crypto import Box, CannotOpen, KeyRing, Secret, ring
from app.core.db import db

if TYPE_CHECKING:
    from flask import Flask

ONE = "1:" + base64.b64encode(b"1" * 32).decode()
TWO = "2:" + base64.b64encode(b"2" * 32).decode()
BOX = Box(b"k" * 32)


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place(plain: bytes, place: str) -> None:
    assert BOX.open(BOX.seal(plain, place), place) == plain


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert BOX.seal(b"a", "p") != BOX.seal(b"a", "p")


def test_a_value_moved_to_another_row_does_not_open() -> None:
    sealed = BOX.seal_json({"text": "好"}, "visit.notes:V-1")

    with pytest.raises(CannotOpen):
        BOX.open_json(sealed, "visit.notes:V-2")
    assert BOX.open_json(sealed, "visit.notes:V-1") == {"text": "好"}


@given(st.integers(min_value=0, max_value=30))
def test_an_altered_byte_is_noticed(position: int) -> None:
    sealed = bytearray(BOX.seal(b"abc", "p"))
    sealed[position % len(sealed)] ^= 1

    with pytest.raises(CannotOpen):
        BOX.open(bytes(sealed), "p")


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 12], ids=str)
def test_too_few_bytes_do_not_open(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        BOX.open(sealed, "p")
    with pytest.raises(CannotOpen):
        KeyRing(ONE).unwrap(sealed, "p")


def test_nothing_sealed_is_an_empty_structure() -> None:
    assert BOX.open_json(None, "p") == {}


def test_a_refusal_to_open_says_the_place_and_not_the_value() -> None:
    with pytest.raises(CannotOpen) as refused:
        BOX.open(b"x" * 40, "household.head:DL-000482")

    assert str(refused.value) == "household.head:DL-000482"


def test_rotating_moves_a_key_under_the_new_master_and_opens_the_old_values() -> None:
    wrapped, box = KeyRing(ONE).new_box("DL-1")
    sealed = box.seal(b"abc", "p")
    both = KeyRing(f"{TWO},{ONE}")

    moved = both.rewrap(wrapped, "DL-1")

    assert (wrapped[0], moved[0]) == (1, 2)
    assert KeyRing(TWO).box(moved, "DL-1").open(sealed, "p") == b"abc"
    with pytest.raises(CannotOpen):
        KeyRing(TWO).box(wrapped, "DL-1")


def test_a_data_key_opens_for_its_owner_only() -> None:
    wrapped, _ = KeyRing(ONE).new_box("DL-1")

    with pytest.raises(CannotOpen):
        KeyRing(ONE).box(wrapped, "DL-2")


def test_the_master_keys_do_not_change_what_is_looked_up(app: Flask) -> None:
    before = ring().index("id", "440606194910010017")
    kept = db.session.get_one(Secret, "index").wrapped
    own = app.config["SHANLIN"].data_keys
    rotated = KeyRing(f"{TWO},{own}")

    moved = rotated.rewrap(kept, "secret:index")

    assert moved[0] == 2
    assert rotated.unwrap(moved, "secret:index") == ring().unwrap(kept, "secret:index")
    assert rotated.index("id", "440606194910010017") == before


def test_a_look_up_value_is_keyed_and_belongs_to_one_purpose(app: Flask) -> None:
    assert ring().index("id", "1") != ring().index("phone", "1")
    assert ring().index("id", "1") == ring().index("id", "1")
    assert len(ring().index("id", "1")) == 16


@given(st.text(max_size=20))
def test_a_search_token_fits_both_databases(text: str) -> None:
    keys = KeyRing(ONE)
    keys._index_key = b"i" * 32

    assert 0 <= keys.token(text) < 1 << 63
