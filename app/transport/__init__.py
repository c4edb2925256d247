"""Ways to send a sealed report: the ``Transport`` protocol and the platform behind it."""
