"""Papers: judged by their bytes, kept as they came, sealed, and bound to their own place."""

from __future__ import annotations

import pytest

from app.core.access import SYSTEM
from app.core.crypto import CannotOpen
from app.core.db import transaction
from app.core.storage import storage
from app.households import queries
from app.media import services
from app.media.errors import BrokenPaper, NotAPaper, PaperTooLarge
from app.media.rules import MAX_PAPER_BYTES
from tests.factories import a_household

PAPER = b"%PDF-1.4\nsigned\n%%EOF\n"


@pytest.mark.usefixtures("app")
def test_a_paper_opens_with_its_own_key_alone() -> None:
    file, other = a_household(), a_household()
    box = queries.box(file)

    with transaction():
        kept = services.store_paper(SYSTEM, PAPER, kind="class", box=box, household_id=file.id)

    assert services.open_paper(kept, box) == PAPER
    assert b"signed" not in storage().get(kept.storage_key)
    assert (kept.content_type, kept.size, kept.thumb_key) == ("application/pdf", len(PAPER), None)
    with pytest.raises(CannotOpen):
        services.open_paper(kept, queries.box(other))


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NotAPaper),
        (b" %PDF-1.4 %%EOF", NotAPaper),
        (b"GIF89a%PDF-1.4 %%EOF", NotAPaper),
        (b"%PDF-1.4", BrokenPaper),
        (b"%PDF-1.4 %%EOF" + b" " * 4096, BrokenPaper),
        (b"%PDF-" + b"x" * MAX_PAPER_BYTES, PaperTooLarge),
    ],
)
def test_what_is_no_whole_paper_is_refused(data: bytes, refusal: type[Exception]) -> None:
    file = a_household()

    with pytest.raises(refusal), transaction():
        services.store_paper(
            SYSTEM, data, kind="class", box=queries.box(file), household_id=file.id
        )
