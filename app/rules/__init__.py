"""Pure functions from programme and draft to findings, stages, calculated values, scores."""
