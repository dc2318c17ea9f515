"""What papers a file keeps (附件种类), and what a paper may be."""

from __future__ import annotations

from app.households.rules.codes import Labelled


class DocumentKind(Labelled):
    """What a paper is for (附件种类)."""

    CONSENT = "consent", "同意书扫描件"
    CLASS = "class", "类别认定依据"
    ASSESSMENT = "assessment", "评估表"
    PHOTO = "photo", "照片"
    OTHER = "other", "其他材料"


LONGEST_TITLE = 40
MOST_DOCUMENTS = 200  # of one file; whoever needs more keeps an archive, not a case file
