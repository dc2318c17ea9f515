"""Refusals of pictures and papers (影像婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput


class BadPicture(BadInput):
    """A picture that cannot be kept; the others of the same form wait with it."""

    message = "这张照片没能收下，请换一张再试"


class NotAPicture(BadPicture):
    """The bytes are something else: a page, a drawing with scripts, a paper."""

    message = "有一个文件不是照片。请用手机拍一张，或选 JPG、PNG、HEIC 照片"


class PictureTooLarge(BadPicture):
    """More pixels or bytes than a photo needs: it is refused before it is unpacked."""

    message = "有一张照片太大了，手机打不开这么大的图。请在相机里选普通清晰度重拍，或先截图再选"


class BrokenPicture(BadPicture):
    """The picture ends too early or is damaged."""

    message = "有一张照片没有传完整，或者文件坏了。请重新选一次，还是不行就重拍一张"


class NotAPaper(BadPicture):
    """The bytes are neither a picture nor a PDF, whatever the file's name says."""

    message = "这个文件收不了。请选照片（JPG、PNG、HEIC）或 PDF"


class PaperTooLarge(BadPicture):
    """A PDF larger than papers are."""

    message = "这份 PDF 太大了，最大 10 MB。扫描时请选普通清晰度，或分成几份"


class BrokenPaper(BadPicture):
    """A PDF that ends too early."""

    message = "这份 PDF 没有传完整，请重新选一次"
