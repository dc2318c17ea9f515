"""The load (负载): a process of its own that sends prepared requests over a few lasting connections."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 8


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


def send(port: int, requests: Sequence[str], connections: int = CONNECTIONS) -> Sent:
    """Send requests from another process, dealt out over some connections."""
    plan = json.dumps(
        {"port": port, "lists": [requests[n::connections] for n in range(connections)]}
    )
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
    """Send the plan's requests, one thread for each connection, all starting together."""
    statuses: Counter[int] = Counter()
    times: list[float] = []
    gate = threading.Barrier(len(plan["lists"]) + 1)

    def work(requests: list[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", plan["port"]), 60) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            gate.wait()
            for request in requests:
                begun = time.perf_counter()
                wire.sendall(request)
                statuses[_answer(wire)] += 1
                times.append(time.perf_counter() - begun)

    threads = [
        threading.Thread(target=work, args=([request.encode() for request in requests],))
        for requests in plan["lists"]
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    return {
        "per_second": len(times) / took,
        "statuses": dict(statuses),
        "median": statistics.median(times),
    }


def _answer(wire: socket.socket) -> int:
    data = wire.recv(65536)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += wire.recv(65536)
    head = data[:end].lower()
    at = head.find(b"content-length:")
    assert at >= 0, head
    left = int(head[at + 15 :].split(b"\r\n", 1)[0]) - (len(data) - end - 4)
    while left > 0:
        left -= len(wire.recv(65536))
    return int(head[9:12])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
