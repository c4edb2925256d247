"""The window: generated from a programme, it shows and calls services, nothing else."""
