"""Groundwork (地基): nothing here knows a word of charity."""
