"""Forms of files (档案表单)."""

from app.households.forms.consents import ConsentForm
from app.households.forms.files import EditForm, StateForm
from app.households.forms.imports import ImportForm
from app.households.forms.twins import AskMergeForm, DifferentForm

__all__ = ["AskMergeForm", "ConsentForm", "DifferentForm", "EditForm", "ImportForm", "StateForm"]
