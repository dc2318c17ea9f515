"""Visits (探访): their rhythm, their record, their confirmation."""
