"""Ledger (资源价值账): double-entry, append-only; every total is a sum of its postings."""
