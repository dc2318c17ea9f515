"""Audit (审计日志): every change and every reading of personal data, sealed so that nothing can be slipped in or out."""
