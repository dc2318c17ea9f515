"""Regions (行政区划): districts, towns and communities of Foshan, with version and effective date."""
