"""Accounts (账号): people, organisations, roles and their scopes."""
