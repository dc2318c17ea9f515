"""E-mail (邮件): letters leave over SMTP, one connection for a batch; off until an address to send from is set."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from app.core import clock

PATIENCE = 20  # seconds: a mail server that hangs must not hold the scheduler
PERMANENT = 500  # SMTP answers from here on mean: do not try again


class NotSent(Exception):  # noqa: N818 - says what happened
    """A letter did not leave; `for_good` says that trying again is of no use."""

    def __init__(self, *, for_good: bool) -> None:
        super().__init__("for good" if for_good else "for now")
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter (信); `number` is the same each time it is sent, so that a receiver can tell a second copy."""

    number: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Mailer:
    """A mail server (邮件服务器), as `SHANLIN_SMTP_URL` names it."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: str = ""  # "", "starttls" or "smtps"

    @classmethod
    def from_url(cls, url: str) -> Mailer | None:
        """Read a setting that config.py has checked; None when there is none."""
        if not url:
            return None
        parts, asked = urlsplit(url), parse_qs(urlsplit(url).query)
        tls = "smtps" if parts.scheme == "smtps" else "starttls" if "starttls" in asked else ""
        return cls(
            host=parts.hostname or "",
            port=parts.port or {"smtps": 465, "starttls": 587}.get(tls, 25),
            sender=asked["from"][0],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
        )

    @contextmanager
    def open(self) -> Iterator[smtplib.SMTP]:
        """Connect, greet and sign in; NotSent when the server cannot be reached or refuses us."""
        context = ssl.create_default_context()
        try:
            if self.tls == "smtps":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    self.host, self.port, timeout=PATIENCE, context=context
                )
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
            if self.tls == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except (OSError, smtplib.SMTPException):
            raise NotSent(for_good=False) from None
        try:
            yield server
        finally:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def send(self, server: smtplib.SMTP, letter: Letter) -> None:
        """Hand over one letter; NotSent when the server does not take it."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = " ".join(letter.subject.split())  # a line break would begin a header
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{letter.number}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            raise NotSent(for_good=min(codes) >= PERMANENT) from None
        except smtplib.SMTPResponseException as refused:
            raise NotSent(for_good=refused.smtp_code >= PERMANENT) from None
        except (OSError, smtplib.SMTPException):
            raise NotSent(for_good=False) from None
