"""Divisions (行政区划): districts, towns and communities of the city."""
