"""The form: generated arrangement, hand-made editors."""
