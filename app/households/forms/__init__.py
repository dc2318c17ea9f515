"""Forms of files (档案表单)."""

from app.households.forms.consents import ConsentForm
from app.households.forms.files import EditForm
from app.households.forms.imports import ImportForm
from app.households.forms.life import (
    CaseForm,
    ClassForm,
    DecideForm,
    DocumentForm,
    KinForm,
    KinVisitForm,
    LifeForm,
    ReasonForm,
    ReviewForm,
    StateForm,
    TagForm,
    TierForm,
    chosen,
)

__all__ = [
    "CaseForm",
    "ClassForm",
    "ConsentForm",
    "DecideForm",
    "DocumentForm",
    "EditForm",
    "ImportForm",
    "KinForm",
    "KinVisitForm",
    "LifeForm",
    "ReasonForm",
    "ReviewForm",
    "StateForm",
    "TagForm",
    "TierForm",
    "chosen",
]
