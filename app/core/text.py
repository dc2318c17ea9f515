"""Plain text (文本): the one way typed Chinese is made comparable."""

import re
import unicodedata

_INVISIBLE = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")


def squeeze(text: str) -> str:
    """Return text in NFKC form without white space or invisible characters.

    Rare characters such as 㘵 stay as they are: nothing is dropped for not being common.
    """
    # Letters, digits and characters only, already in NFKC: true of nearly every cell there is.
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def trim(text: str) -> str:
    """Return text in NFKC form, ends cut, every run of white space made one space."""
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text
    return _INVISIBLE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


_GROUPS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_MARKS = re.compile(r"[()\[\]【】*:：/、,.。_\-]")


def plain_heading(text: str) -> str:
    """Return a column heading in the form in which headings are compared: width, case, spaces and marks gone."""
    return _MARKS.sub("", squeeze(text).lower())


def bare_heading(text: str) -> str:
    """Return the same without what stands in brackets: 金额（元） is 金额."""
    return _MARKS.sub("", _GROUPS.sub("", squeeze(text).lower()))
