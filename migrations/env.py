"""Alembic's environment: the application's own engine, batch mode on SQLite, our types written plainly."""

from __future__ import annotations

from alembic import context
from flask import current_app

config = context.config
extension = current_app.extensions["migrate"]
database = extension.db


def run() -> None:
    """Migrate over one connection in one transaction, so that a cut leaves the old schema whole."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transaction_per_migration=False,
            **extension.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
