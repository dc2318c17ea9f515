"""The web server (网页服务): waitress, forked before it starts, so that slow phones stall nobody.

Waitress reads a whole request before it hands it on; a photo that drips in over 2G holds no thread and no database
connection.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

from waitress.server import create_server

from app.core import jobs as timer
from app.core.db import db

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

THREADS = 8
CONNECTIONS = 1000  # waitress' own 100 lets two hundred slow phones lock everybody out

log = logging.getLogger(__name__)


def serve(app: Flask, host: str, port: int, workers: int, *, with_scheduler: bool) -> None:
    """Serve until told to stop; a child that dies is started again."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        sys.exit(
            f"shanlin: port {port} is taken ({error.strerror}); set SHANLIN_PORT to another one"
        )
    listener.listen(1024)
    with app.app_context():
        db.engine.dispose()  # connections must not be shared across a fork
    tasks: list[Callable[[], None]] = [lambda: _web(app, listener) for _ in range(workers)]
    if with_scheduler:
        tasks.append(lambda: run_scheduler(app))
    children = {_fork(task): task for task in tasks}
    stopping = False

    def stop(_signum: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        for child in list(children):
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while children:
        try:
            child, _ = os.wait()
        except InterruptedError:
            continue
        task = children.pop(child)
        if not stopping:
            log.error("a server process ended; starting another")
            time.sleep(1)
            children[_fork(task)] = task


def run_scheduler(app: Flask) -> None:
    """Run the scheduler in this process until told to stop."""
    scheduler = timer.start(app, app.extensions["jobs"])
    stopped = False

    def stop(_signum: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopped:
        time.sleep(0.5)
    scheduler.shutdown(wait=False)


def _fork(task: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    try:
        task()
    except SystemExit:
        pass
    finally:
        os._exit(0)


def _web(app: Flask, listener: socket.socket) -> None:
    create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        ident=None,
        channel_timeout=60,
    ).run()
