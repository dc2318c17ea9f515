"""Forms of files (档案表单)."""

from app.households.forms.consents import ConsentForm
from app.households.forms.files import EditForm, StateForm
from app.households.forms.imports import ImportForm

__all__ = ["ConsentForm", "EditForm", "ImportForm", "StateForm"]
