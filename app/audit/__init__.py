"""Audit (审计日志): every change and reading of personal data, sealed so that nothing is slipped in or out."""
