"""What moves a gift (捐赠的每一步): promised, received, handed over, taken back; each step posts to the ledger."""

from app.resources.services.delivering import deliver
from app.resources.services.pledging import pledge
from app.resources.services.receiving import receive
from app.resources.services.reversing import reverse, reverse_delivery
from app.resources.services.showing import open_evidence, open_proof

__all__ = [
    "deliver",
    "open_evidence",
    "open_proof",
    "pledge",
    "receive",
    "reverse",
    "reverse_delivery",
]
