"""Content that comes from and goes to other programs: the clipboard of spreadsheets."""
