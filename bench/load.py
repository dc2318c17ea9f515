"""The load (负载): a process of its own that sends prepared requests over a few lasting connections."""

from __future__ import annotations

import json
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 8
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a round: requests per second, answers by status, and the usual time of one, in seconds."""

    per_second: float
    statuses: dict[int, int]
    median: float

    def expect(self, status: int) -> float:
        """Return the requests per second, once every answer was the right one."""
        assert set(self.statuses) == {status}, self.statuses
        return self.per_second


def get(path: str, cookie: str = "") -> str:
    """Return a GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"


def post(path: str, form: dict[str, str], cookie: str = "") -> str:
    """Return a POST of a form as it goes over the wire."""
    body = urlencode(form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def fetch(port: int, request: str) -> str:
    """Send one request and return the text of the answer."""
    closing = request.replace("\r\n", "\r\nConnection: close\r\n", 1).encode()
    wire = _Wire(port, iter([closing]))
    wire.ask()
    with wire.socket.makefile("rb") as answer:
        return answer.read().decode()


def send(port: int, requests: Sequence[str], connections: int = CONNECTIONS) -> Sent:
    """Send requests from another process; each of some connections takes the next one when it is free."""
    plan = json.dumps({"port": port, "requests": list(requests), "connections": connections})
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=plan.encode(),
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
    )
    found = json.loads(done.stdout)
    return Sent(
        found["per_second"], {int(k): v for k, v in found["statuses"].items()}, found["median"]
    )


def main(plan: dict[str, Any]) -> dict[str, Any]:
    """Send the plan's requests from one thread that only waits and counts; a connection takes the next when it is free.

    So no connection ends before the others, however they fell to the server's processes. The thread shares the
    processors with the server and does as little as can be done: an answer's head is read for its status and length,
    its body is thrown away.
    """
    requests = iter([request.encode() for request in plan["requests"]])
    wires = [_Wire(plan["port"], requests) for _ in range(plan["connections"])]
    with selectors.DefaultSelector() as ready:
        for wire in wires:
            ready.register(wire.socket, selectors.EVENT_READ, wire)
        begun = time.perf_counter()
        left = sum(wire.ask() for wire in wires)
        while left:
            for key, _ in ready.select():
                left -= key.data.hear()
        took = time.perf_counter() - begun
    times = [one for wire in wires for one in wire.times]
    return {
        "per_second": len(times) / took,
        "statuses": dict(Counter(status for wire in wires for status in wire.statuses)),
        "median": statistics.median(times),
    }


class _Wire:
    """A lasting connection, where its next request comes from, and what was answered."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.statuses: list[int] = []
        self.times: list[float] = []
        self._requests = requests
        self._begun = 0.0
        self._head = b""
        self._missing = 0

    def ask(self) -> bool:
        """Send the next request; False when there is none."""
        request = next(self._requests, None)
        if request is None:
            return False
        self._begun = time.perf_counter()
        self.socket.sendall(request)
        return True

    def hear(self) -> bool:
        """Take what has come; True once the last answer is complete."""
        data = self.socket.recv(1 << 18)
        assert data, "the server closed a connection"
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            length = LENGTH.search(self._head, 0, end)
            assert length, self._head
            self.statuses.append(int(self._head[9:12]))
            self._missing = int(length[1]) - (len(self._head) - end - 4)
            self._head = b""
        if self._missing:
            return False
        self.times.append(time.perf_counter() - self._begun)
        return not self.ask()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
