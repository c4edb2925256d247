"""The command line: the contract that automation and checks rely on.

Exit codes: 0 fine, 1 findings of severity error, 2 bad usage or unreadable input, 3 the world refused.
"""
