"""One process of a race (抢单): signs in as each of its people and sends their claim when told to.

Reads one JSON line (settings, path, tokens), says `ready`, waits for a line, and prints what every request got.
"""

from __future__ import annotations

import json
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app import create_app
from config import Settings

THREADS = 4


def main() -> None:
    """Race."""
    order = json.loads(sys.stdin.readline())
    facts = order["settings"]
    app = create_app(Settings(**(facts | {"instance": Path(facts["instance"])})))

    def run(token: str) -> list[object]:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = token, True
        data = {"pledge": "y", "unrelated": "y", "idempotency_key": secrets.token_urlsafe(18)}
        answer = client.post(order["path"], data=data)
        return [answer.status_code, answer.get_data(as_text=True)]

    with ThreadPoolExecutor(THREADS) as pool:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sys.stdout.write(json.dumps(list(pool.map(run, order["tokens"]))) + "\n")


if __name__ == "__main__":
    main()
