"""A mail server of the tests' own (测试邮件服务器): speaks SMTP on this machine and keeps what it is given."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Takes letters, or refuses the addresses it is told to."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.letters: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.connections = 0
        self.hang_up = False

    @property
    def url(self) -> str:
        """The setting that leads here."""
        return f"smtp://127.0.0.1:{self.server_address[1]}/?from=shanlin@example.org"


class Session(socketserver.StreamRequestHandler):
    """One connection (RFC 5321, as much of it as a client needs)."""

    server: MailServer

    def say(self, line: str) -> None:
        """Answer with a line."""
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        """Talk until the client leaves."""
        self.server.connections += 1
        if self.server.hang_up:
            return
        self.say("220 tests")
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line.upper()
            if verb == "DATA":
                self.take()
            elif verb == "QUIT":
                self.say("221 bye")
                return
            elif verb.startswith("RCPT"):
                address = line[line.index("<") + 1 : line.index(">")]
                self.say(self.server.refuse.get(address, "250 ok"))
            else:
                self.say("250 ok")

    def take(self) -> None:
        """Take a letter up to the line with the lonely dot."""
        self.say("354 go on")
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw.removeprefix(b"."))
        letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.letters.append(letter)
        self.say("250 taken")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server while a test lasts."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
