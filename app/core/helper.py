"""A second process for long work (帮手进程): pieces of it are done on another core while this one does something else.

The helper is forked, so what the work needs, keys among it, stays in memory and travels through no pipe; pieces and
answers do. It touches no database and no file. Without fork, on one core, or when the helper dies, this process does
all of the work itself: only the time differs.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import struct
import threading
from collections import deque
from typing import IO, TYPE_CHECKING, Any, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

P = TypeVar("P")
A = TypeVar("A")

AHEAD = 2  # pieces the helper has at once: one at work, one waiting
PATIENCE = 120.0  # seconds that the last pieces may take; a helper that hangs is ended, its pieces done here
LENGTH = struct.Struct(">Q")


class Helper(Generic[P, A]):
    """Does pieces of work in another process; the answers come in the order in which the pieces were given."""

    def __init__(self, work: Callable[[P], A]) -> None:
        """Begin with the first piece; `work` is what is done to each."""
        self._work = work
        self._pieces: list[P] = []
        self._answers: dict[int, A] = {}
        self._waiting: deque[int] = deque()
        self._lock = threading.Condition()
        self._is_over = False
        self._pid = 0
        self._threads: list[threading.Thread] = []
        self._pipes: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        """Do nothing yet."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        """End the helper, whatever it is doing."""
        self._end()

    def give(self, piece: P) -> None:
        """Add a piece of work."""
        if not self._pieces:
            self._begin()
        with self._lock:
            self._pieces.append(piece)
            self._waiting.append(len(self._pieces) - 1)
            self._lock.notify_all()

    def finish(self) -> list[A]:
        """Return all answers; this process takes pieces from the end until it meets the helper."""
        while (number := self._take(last=True)) is not None:
            self._answers[number] = self._work(self._pieces[number])
        with self._lock:
            self._is_over = True
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._end()
        for number, piece in enumerate(self._pieces):
            if number not in self._answers:  # the helper died over it
                self._answers[number] = self._work(piece)
        return [self._answers[number] for number in range(len(self._pieces))]

    def _take(self, *, last: bool) -> int | None:
        with self._lock:
            if not self._waiting:
                return None
            return self._waiting.pop() if last else self._waiting.popleft()

    def _begin(self) -> None:
        if not hasattr(os, "fork") or (os.cpu_count() or 1) < 2:  # noqa: PLR2004 - nobody could help
            return
        pieces, answers = os.pipe(), os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(pieces[1])
            os.close(answers[0])
            _serve(self._work, pieces[0], answers[1])
        os.close(pieces[0])
        os.close(answers[1])
        out, back = os.fdopen(pieces[1], "wb"), os.fdopen(answers[0], "rb")
        self._pipes = [out, back]
        room = threading.Semaphore(AHEAD)
        sent: deque[int] = deque()
        self._threads = [
            threading.Thread(target=self._send, args=(out, sent, room), daemon=True),
            threading.Thread(target=self._receive, args=(back, sent, room), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _send(self, out: IO[bytes], sent: deque[int], room: threading.Semaphore) -> None:
        with contextlib.suppress(OSError, ValueError), out:
            while True:
                room.acquire()
                with self._lock:
                    while not self._waiting and not self._is_over:
                        self._lock.wait()
                number = self._take(last=False)
                if number is None:
                    return
                sent.append(number)
                _write(out, self._pieces[number])

    def _receive(self, back: IO[bytes], sent: deque[int], room: threading.Semaphore) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError, pickle.UnpicklingError), back:
            while True:
                answer = _read(back)
                self._answers[sent.popleft()] = answer
                room.release()
        with self._lock:
            self._is_over = True
            self._lock.notify_all()
        room.release()  # a helper that died takes nothing any more

    def _end(self) -> None:
        pid, self._pid = self._pid, 0
        with self._lock:
            self._is_over = True
            self._waiting.clear()
            self._lock.notify_all()
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _serve(work: Callable[[Any], Any], pieces: int, answers: int) -> None:
    """Answer pieces until there are no more; ends the process, and nothing of the parent's ending."""
    gc.disable()  # what the parent holds open, such as a connection, must not be tidied away here
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with os.fdopen(pieces, "rb") as source, os.fdopen(answers, "wb") as out:
            while True:
                _write(out, work(_read(source)))
    except BaseException:  # noqa: BLE001, S110 - the parent sees that no answer comes and does it itself
        pass
    finally:
        os._exit(0)


def _write(out: IO[bytes], value: Any) -> None:
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    out.write(LENGTH.pack(len(body)))
    out.write(body)
    out.flush()


def _read(source: IO[bytes]) -> Any:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    body = source.read(length)
    if len(body) < length:
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - written by our own process
