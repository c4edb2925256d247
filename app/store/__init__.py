"""Keeps drafts, events, evidence files, the outbox and settings.  SQLite lives here and nowhere else."""

from app.store.store import Store, open_backup, open_store, restore_backup

__all__ = ["Store", "open_backup", "open_store", "restore_backup"]
