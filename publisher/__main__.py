"""`python -m publisher` and the console script `publisher`; serves shells, touches nothing itself."""

import sys


def main() -> int:
    """Run the command line with the process's arguments; return the exit code."""
    from publisher.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
