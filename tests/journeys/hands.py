"""What hands do on a page (手上的动作): tap, type, press, follow a link, choose a photo."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

from PIL import Image

from app.core import clock

if TYPE_CHECKING:
    from playwright.sync_api import Page


def a_photo() -> bytes:
    """A photo as a phone takes it."""
    made = io.BytesIO()
    Image.effect_mandelbrot((1200, 900), (-2, -1.5, 1, 1.5), 40).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def upload(page: Page, name: str) -> None:
    """Choose a photo from the album."""
    page.set_input_files(
        f"#{name}-album", {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    )


def choose(page: Page, name: str, value: str) -> None:
    """Tap a card or a box."""
    card = page.get_attribute(f"[name={name}][value='{value}']", "id")
    page.locator(f'label[for="{card}"]').click()


def tick(page: Page, name: str) -> None:
    """Tap a promise."""
    page.locator(f'label[for="{page.get_attribute(f"[name={name}]", "id")}"]').click()


def reach(page: Page, name: str) -> None:
    """Go on step by step until a question is on the screen."""
    while not page.locator(f"[name={name}]").first.is_visible():
        press(page, "下一步")


def press(page: Page, words: str) -> None:
    """Press the button that says these words."""
    page.get_by_role("button", name=words, exact=True).first.click()


def follow(page: Page, words: str) -> None:
    """Follow the first link on the page that says these words."""
    page.get_by_role("main").get_by_role("link", name=words, exact=True).first.click()


def places(page: Page, words: str) -> None:
    """Go to one of the places of the navigation."""
    page.get_by_role("navigation").get_by_role("link", name=words, exact=True).first.click()


def soon(days: int) -> str:
    """Return a day from now as a date field takes it."""
    return (clock.today() + timedelta(days=days)).isoformat()
