"""The racers (抢单): a process that forks into eight, each signing in as its share of the people, all let loose.

Reads one JSON line (settings, path, tokens) and prints what every request got. The program is loaded once and forked
before any application exists, so that no connection is shared.
"""

from __future__ import annotations

import json
import multiprocessing
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app import create_app
from config import Settings

PROCESSES, THREADS = 8, 4

fork = multiprocessing.get_context("fork")


def run(order: dict[str, Any], tokens: list[str], gate: Any, out: Any) -> None:
    """Be one server process: wait until all are ready, then send every claim."""
    facts = order["settings"]
    app = create_app(Settings(**(facts | {"instance": Path(facts["instance"])})))

    def claim(token: str) -> tuple[int, str]:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = token, True
        data = {"pledge": "y", "unrelated": "y", "idempotency_key": secrets.token_urlsafe(18)}
        answer = client.post(order["path"], data=data)
        return answer.status_code, answer.get_data(as_text=True)

    with ThreadPoolExecutor(THREADS) as pool:
        gate.wait(60)
        out.put(list(pool.map(claim, tokens)))


def main() -> None:
    """Race."""
    order = json.loads(sys.stdin.readline())
    gate, out = fork.Barrier(PROCESSES), fork.Queue()
    shares = [order["tokens"][number::PROCESSES] for number in range(PROCESSES)]
    racers = [fork.Process(target=run, args=(order, share, gate, out)) for share in shares]
    for racer in racers:
        racer.start()
    answers = [answer for _ in racers for answer in out.get(timeout=150)]
    for racer in racers:
        racer.join()
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
