"""Shenbao: draft, check, seal, print, send and follow one official report a year."""
