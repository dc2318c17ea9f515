"""Drawn photos (示意照片): a wall, a window, a table and what stands on it; nobody and no real room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from app.core.access import Actor
from app.core.db import db
from app.media import services as media
from app.portal.services.demo.chance import dice
from app.visits.models import VisitPhoto

if TYPE_CHECKING:
    from app.core.crypto import Box

WALLS = ("#efe6d6", "#e3ebe4", "#e9e1ea", "#f1e2d8")
CLOTHS = ("#176b4d", "#8a5a2b", "#1f5fa8", "#a9543f")
CUPS = ("#ffffff", "#f4c95d", "#c8402a", "#7fb2ee")
WIDTH, HEIGHT = 960, 720


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit that shall have a photo (待配图的探访)."""

    visit: int
    code: str
    on: date
    visitor: int
    household: int
    box: Box


def keep_photos(wanted: list[Wanted], seed: int) -> None:
    """Draw a photo for each visit and keep it as any other: remade, marked, sealed."""
    for each in wanted:
        kept = media.store_image(
            Actor(each.visitor),
            _draw(seed, each.code),
            kind="visit",
            box=each.box,
            household_id=each.household,
            code_text=each.code,
            taken_on=each.on,
        )
        db.session.add(VisitPhoto(visit_id=each.visit, media_id=kept.id, position=1))
    db.session.flush()  # the caller's transaction ends with statements of its own


def _draw(seed: int, code: str) -> bytes:
    chance = dice(seed, "picture", code)
    picture = Image.new("RGB", (WIDTH, HEIGHT), chance.choice(WALLS))
    pen = ImageDraw.Draw(picture)
    left = chance.randint(90, 480)
    pen.rectangle((left, 90, left + 300, 350), fill="#cfe6f2", outline="#8b6f52", width=16)
    pen.line((left + 150, 90, left + 150, 350), fill="#8b6f52", width=10)
    pen.rectangle((0, 500, WIDTH, HEIGHT), fill=chance.choice(CLOTHS))
    pen.rectangle((0, 486, WIDTH, 510), fill="#6e4f33")
    for place in range(chance.randint(1, 3)):
        x = 200 + place * 220 + chance.randint(-40, 40)
        pen.rounded_rectangle((x, 410, x + 90, 490), 16, fill=chance.choice(CUPS))
        pen.arc((x + 72, 425, x + 122, 470), -90, 90, fill="#8b8b8b", width=9)
    stem = chance.randint(700, 820)
    pen.rectangle((stem, 400, stem + 90, 490), fill="#b0653a")
    for leaf in range(5):
        tip = stem + 45 + (leaf - 2) * 46
        pen.polygon([(stem + 45, 400), (tip - 18, 290), (tip + 18, 300)], fill="#3d8a5f")
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def paper(seed: int, name: str) -> bytes:
    """Draw a scanned paper (示意文书): grey lines and a red seal, and not one word."""
    chance = dice(seed, "paper", name)
    sheet = Image.new("RGB", (744, 1052), "#fdfcf8")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((222, 84, 522, 112), fill="#3a3f3d")
    for line in range(14):
        end = 650 if line % 5 != 4 else 260 + chance.randint(0, 200)  # noqa: PLR2004 - where a paragraph ends
        pen.rectangle((96, 180 + line * 40, end, 190 + line * 40), fill="#c9ccca")
    pen.ellipse((470, 800, 630, 960), outline="#c8402a", width=7)
    pen.ellipse((528, 858, 572, 902), fill="#c8402a")
    out = BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()
