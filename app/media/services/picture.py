"""Making a stranger's picture safe (照片重制): decoded, set upright, drawn anew, so that only its pixels stay."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import pillow_heif
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from app.media.errors import BrokenPicture, NotAPicture, PictureTooLarge
from app.media.rules import FORMATS, LONGEST, MAX_BYTES, MAX_PIXELS, QUALITY, THUMB

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# a phone of this city sends HEIC when no script made it a JPEG; thumbnails inside the file are never looked at
pillow_heif.register_heif_opener(thumbnails=False)

SMALLEST_PRINT = 12
PRINT_PER_WIDTH = 42  # the mark is readable on a phone and covers no face
SHADE = 0.45


class Remade(NamedTuple):
    """A picture as it is kept: two JPEGs, and the size of the large one in pixels."""

    full: bytes
    thumb: bytes
    width: int
    height: int


def remake(data: bytes, mark: str) -> Remade:
    """Return both sizes of a picture, without any metadata, marked with a line of digits and Latin letters.

    Raises NotAPicture, PictureTooLarge or BrokenPicture.
    """
    if len(data) > MAX_BYTES:
        raise PictureTooLarge
    picture = _upright(_opened(data))
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=3.0)
    # what a file says about itself (place, phone, comments) hangs on the opened image: the new one has only pixels
    clean = Image.new("RGB", picture.size, "white")
    clean.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    _draw_mark(clean, mark)
    small = clean.copy()
    small.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    return Remade(_jpeg(clean), _jpeg(small), clean.width, clean.height)


def _opened(data: bytes) -> ImageFile:
    """Read no more than the head of the file, and judge its size before a single pixel is unpacked."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge from None
    except UnidentifiedImageError:
        raise NotAPicture from None
    except Exception:  # noqa: BLE001 - a reader fed by strangers may raise anything
        raise BrokenPicture from None
    if image.width * image.height > MAX_PIXELS:
        raise PictureTooLarge
    return image


def _upright(image: ImageFile) -> Image.Image:
    """Unpack (a JPEG directly at a smaller scale) and turn as the camera was held."""
    try:
        image.draft("RGB", (LONGEST, LONGEST))
        image.load()
    except Exception:  # noqa: BLE001 - the same; each way of failing means that the file is damaged
        raise BrokenPicture from None
    try:
        turned = ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - a nonsensical orientation costs the turn, not the photo
        turned = image
    has_holes = "A" in turned.getbands() or "transparency" in turned.info
    return turned.convert("RGBA" if has_holes else "RGB")


def _draw_mark(picture: Image.Image, mark: str) -> None:
    """Write the mark in the lower left corner, on a darkened strip so that it reads on snow and at night."""
    size = max(SMALLEST_PRINT, picture.width // PRINT_PER_WIDTH)
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(mark)
    pad = size // 2
    edge = max(0, picture.height - int(bottom - top) - 2 * pad)
    strip = (0, edge, min(picture.width, int(right - left) + 2 * pad), picture.height)
    if strip[0] >= strip[2] or strip[1] >= strip[3]:
        return
    picture.paste(picture.crop(strip).point(lambda value: int(value * SHADE)), strip[:2])
    ImageDraw.Draw(picture).text((pad - left, edge + pad - top), mark, fill="white", font=font)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
