"""Phones whose uploads drip in over 2G stall nobody (慢手机)."""

from __future__ import annotations

import socket
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.journeys.site import Site

PHONES = 150
HALF = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 900000\r\n\r\nusername="
)


def test_a_page_is_answered_while_many_uploads_drip_in(site: Site) -> None:
    slow = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(PHONES)]
    try:
        for phone in slow:
            phone.sendall(HALF)

        with urllib.request.urlopen(f"{site.url}/readyz", timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
    finally:
        for phone in slow:
            phone.close()
