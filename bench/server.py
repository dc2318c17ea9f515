"""Serving what is measured (被测服务): each in processes of its own, ours by the very code that serves the site."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from waitress.server import create_server

from app.core import server
from bench import bare, load
from bench.city import ROOT, app_on

PATIENCE = 60
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A server under measurement; `by_processor` gathers the requests it answered per second of processor time."""

    port: int
    pid: int
    by_processor: list[float] = field(default_factory=list)

    def round(self, requests: Sequence[str], status: int, connections: int) -> float:
        """Send some requests and return how many were answered per second."""
        begun = self._processor()
        rate = load.send(self.port, requests, connections).expect(status)
        self.by_processor.append(len(requests) / max(self._processor() - begun, 1 / TICK))
        return rate

    def _processor(self) -> float:
        """Return the processor time that the server and its children have used, in seconds."""
        pids = [str(self.pid)]
        pids += Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        used = 0
        for pid in pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / TICK


@contextlib.contextmanager
def serving(kind: str, path: Path, *, workers: int = 1, **more: Any) -> Iterator[Served]:
    """Serve `ours`, `pages` or `claims` on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    plan = {"kind": kind, "path": str(path), "port": port, "workers": workers, **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.server", json.dumps(plan)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, process)
        yield Served(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "the server did not start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(port)


def main(plan: dict[str, Any]) -> None:
    """Serve one of them until told to stop."""
    path, port = Path(plan["path"]), int(plan["port"])
    if plan["kind"] == "ours":
        app = app_on(path)
        with app.app_context():
            server.serve(app, "127.0.0.1", port, int(plan["workers"]), with_scheduler=False)
        return
    app = (
        bare.pages(path)
        if plan["kind"] == "pages"
        else bare.claims(path, plan["statement"], plan["places"], plan["values"], by=plan["by"])
    )
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    create_server(
        app,
        host="127.0.0.1",
        port=port,
        threads=server.THREADS,
        connection_limit=server.CONNECTIONS,
        ident=None,
    ).run()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
