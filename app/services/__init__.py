"""The verbs: what window and command line ask for."""
