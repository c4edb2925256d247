"""Parts of the home page: cards, the register dialog, the dialog for a new report."""
