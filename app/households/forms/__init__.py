"""Forms of files (档案表单)."""

from app.households.forms.consents import (
    ConsentForm,
    RefusalForm,
)
from app.households.forms.files import (
    EditForm,
)
from app.households.forms.imports import (
    ImportForm,
)
from app.households.forms.intake import (
    IntakeForm,
)
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
from app.households.forms.people import (
    LeaveForm,
    MemberForm,
    typed_person,
)
from app.households.forms.sections import (
    SectionForm,
    section_form,
)
from app.households.forms.twins import (
    AskMergeForm,
    DifferentForm,
)
from app.households.forms.watching import (
    NoteForm,
)

__all__ = [
    "AskMergeForm",
    "CaseForm",
    "ClassForm",
    "ConsentForm",
    "DecideForm",
    "DifferentForm",
    "DocumentForm",
    "EditForm",
    "ImportForm",
    "IntakeForm",
    "KinForm",
    "KinVisitForm",
    "LeaveForm",
    "LifeForm",
    "MemberForm",
    "NoteForm",
    "ReasonForm",
    "RefusalForm",
    "ReviewForm",
    "SectionForm",
    "StateForm",
    "TagForm",
    "TierForm",
    "chosen",
    "section_form",
    "typed_person",
]
