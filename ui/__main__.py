"""Composition root: the one place where the parts of the program are put together."""

import sys
from collections.abc import Sequence

from app.__main__ import main as command_line


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with the words after its name and return the exit code.

    With words they are a command of the command line; without any its help is printed.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    return command_line(words or ["--help"])


if __name__ == "__main__":
    sys.exit(main())
