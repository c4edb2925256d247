"""Frozen values of the report world.  Standard library only; no I/O, no clock."""
