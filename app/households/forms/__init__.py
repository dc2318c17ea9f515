"""Forms of files (档案表单)."""

from app.households.forms.consents import ConsentForm, RefusalForm
from app.households.forms.files import EditForm, StateForm
from app.households.forms.imports import ImportForm
from app.households.forms.intake import IntakeForm
from app.households.forms.people import LeaveForm, MemberForm, typed_person
from app.households.forms.sections import SectionForm, section_form

__all__ = [
    "ConsentForm",
    "EditForm",
    "ImportForm",
    "IntakeForm",
    "LeaveForm",
    "MemberForm",
    "SectionForm",
    "StateForm",
    "section_form",
    "typed_person",
]
__all__ = ["ConsentForm", "EditForm", "ImportForm", "RefusalForm", "StateForm"]
