"""The pages of the window, each built when it is visited first."""
