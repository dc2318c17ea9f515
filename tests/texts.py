"""Typed text (输入法): the ways a keyboard in Chinese mode writes plain characters."""


def wide(text: str) -> str:
    """Return ASCII text in full-width characters."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)
