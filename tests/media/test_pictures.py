"""Pictures of strangers: what is kept of them, and what is refused."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import date
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from app.core.access import Actor
from app.core.crypto import CannotOpen
from app.core.db import db, transaction
from app.core.errors import NotHere
from app.core.storage import storage
from app.households import queries as households
from app.media import services
from app.media.errors import BadPicture, BrokenPicture, NotAPicture, PictureTooLarge
from app.media.models import Media
from app.media.rules import MAX_BYTES
from app.media.services.picture import remake
from tests.factories import a_household, a_volunteer

if TYPE_CHECKING:
    from flask import Flask

MARK = "2026-09-03 V-7KQ2M9X4PB"
SECRET = "SHANLIN-SECRET-PLACE"
GPS = {1: "N", 2: (22.0, 50.0, 12.34), 3: "E", 4: (113.0, 15.0, 30.0)}


def a_photo(size: tuple[int, int] = (800, 600), colour: str = "#806040", **saving: object) -> bytes:
    out = io.BytesIO()
    saving.setdefault("format", "JPEG")
    Image.new("RGB", size, colour).save(out, **saving)  # type: ignore[arg-type]
    return out.getvalue()


def a_telling_photo(orientation: int = 1) -> bytes:
    """A photo that says where, with what and by whom it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PhoneMaker" + SECRET
    exif.get_ifd(0x8825).update(GPS)
    return a_photo(exif=exif, comment=SECRET.encode(), icc_profile=b"icc" + SECRET.encode())


def a_png(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


def test_nothing_but_pixels_is_left_of_a_photo_that_told_its_place() -> None:
    original = a_telling_photo()
    assert SECRET.encode() in original
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(0x8825)

    made = remake(original, MARK)

    for kept in (made.full, made.thumb):
        assert SECRET.encode() not in kept
        assert b"Exif" not in kept
        assert b"ICC_PROFILE" not in kept
        again = Image.open(io.BytesIO(kept))
        assert dict(again.getexif()) == {}
        assert "comment" not in again.info


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (800, 600)), (6, (600, 800)), (8, (600, 800))]
)
def test_a_photo_is_turned_as_the_camera_was_held(orientation: int, size: tuple[int, int]) -> None:
    made = remake(a_telling_photo(orientation), MARK)

    assert (made.width, made.height) == size


def test_a_large_photo_becomes_1600_pixels_and_its_thumbnail_320() -> None:
    made = remake(a_photo((4000, 3000)), MARK)

    assert (made.width, made.height) == (1600, 1200)
    assert Image.open(io.BytesIO(made.thumb)).size == (320, 240)
    assert Image.open(io.BytesIO(made.full)).format == "JPEG"


def test_a_small_photo_is_not_blown_up() -> None:
    assert remake(a_photo((200, 100)), MARK)[2:] == (200, 100)


def test_day_and_code_stand_in_the_corner_of_a_dark_and_of_a_light_photo() -> None:
    for colour in ("black", "white"):
        picture = Image.open(io.BytesIO(remake(a_photo(colour=colour), MARK).full)).convert("L")
        corner = picture.crop((0, picture.height - 30, 300, picture.height))
        shades = [shade for shade, count in enumerate(corner.histogram()) if count]
        assert shades[-1] > 200
        assert shades[0] < 130
        assert picture.getpixel((picture.width - 5, 5)) in (0, 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF", "AVIF", "JPEG"])
def test_what_phones_write_is_read(kind: str) -> None:
    made = remake(a_photo((640, 480), format=kind), MARK)

    assert (made.width, made.height) == (640, 480)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_are_read(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (40, 30)).save(out, "PNG")

    assert remake(out.getvalue(), MARK)[2:] == (40, 30)


def test_holes_in_a_picture_are_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(out, "PNG")

    made = Image.open(io.BytesIO(remake(out.getvalue(), MARK).full)).convert("RGB")

    assert made.getpixel((390, 5)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_odd_shapes_do_no_harm(size: tuple[int, int]) -> None:
    made = remake(a_photo(size, format="PNG"), MARK)

    assert max(made.width, made.height) <= 1600


@pytest.mark.parametrize("side", [7_000, 20_000, 2**31 - 1])
def test_a_picture_that_would_unpack_to_gigabytes_is_refused_unopened(side: int) -> None:
    with pytest.raises(PictureTooLarge):
        remake(a_png(side, side, b"\0" * 100), MARK)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PictureTooLarge):
        remake(a_photo() + b"\0" * MAX_BYTES, MARK)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_that_did_not_arrive_whole_is_refused(kind: str) -> None:
    noise = Image.effect_noise((800, 600), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)

    with pytest.raises(BrokenPicture):
        remake(out.getvalue()[: len(out.getvalue()) // 3], MARK)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"GIF89a" + b"\0" * 40,
        b"PK\x03\x04" + b"\0" * 40,
    ],
    ids=["empty", "svg", "html", "pdf", "postscript", "gif", "zip"],
)
def test_what_is_not_a_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        remake(data, MARK)


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8 "]
)
def test_a_photo_in_name_only_is_refused(head: bytes) -> None:
    with pytest.raises(BadPicture):
        remake(head + b"<script>alert(1)</script>" * 20, MARK)


def test_a_page_hidden_behind_a_photo_is_cut_off() -> None:
    hidden = b"<script>alert('" + SECRET.encode() + b"')</script>PK\x03\x04"

    made = remake(a_photo() + hidden, MARK)

    assert SECRET.encode() not in made.full
    assert b"<script" not in made.full


@pytest.mark.usefixtures("app")
def test_a_photo_is_sealed_in_the_storage_and_opens_only_with_its_household() -> None:
    household, other, volunteer = a_household(), a_household(), a_volunteer()
    box = households.box(household)
    with transaction():
        media = services.store_image(
            Actor(volunteer.id),
            a_photo(),
            kind="visit",
            box=box,
            household_id=household.id,
            code_text="V-7KQ2M9X4PB",
            taken_on=date(2026, 9, 3),
        )

    assert b"JFIF" not in storage().get(media.storage_key)
    assert services.open_image(media, box, thumb=False)[:3] == b"\xff\xd8\xff"
    assert Image.open(io.BytesIO(services.open_image(media, box, thumb=True))).size == (320, 240)
    with pytest.raises(CannotOpen):
        services.open_image(media, households.box(other), thumb=True)
    storage().delete(media.storage_key)
    with pytest.raises(NotHere):
        services.open_image(media, box, thumb=False)


@pytest.mark.usefixtures("app")
def test_the_same_photo_sent_twice_looks_the_same_and_another_does_not() -> None:
    assert services.look_of(a_photo()) == services.look_of(a_photo())
    assert services.look_of(a_photo()) != services.look_of(a_photo(colour="red"))


def test_a_refused_photo_leaves_nothing_behind(app: Flask) -> None:
    household = a_household()
    folder = app.config["SHANLIN"].instance / "media"
    before = sorted(folder.rglob("*"))

    with pytest.raises(NotAPicture), transaction():
        services.store_image(
            Actor(),
            b"<svg/>",
            kind="visit",
            box=households.box(household),
            household_id=household.id,
            code_text="V",
            taken_on=date(2026, 9, 3),
        )

    assert sorted(folder.rglob("*")) == before
    assert db.session.query(Media).count() == 0
