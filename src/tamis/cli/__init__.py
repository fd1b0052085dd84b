"""The command line: one thin file a verb."""

from __future__ import annotations

import sys


def main() -> None:
    """Run a command; a mistake of the user is one line on standard error and exit code 2."""
    from tamis.cli.stopping import stoppable

    with stoppable():
        from tamis.cli.app import app
        from tamis.errors import TamisError, one_line

        try:
            app()
        except TamisError as error:
            print(f"tamis: {one_line(str(error))}", file=sys.stderr)
            raise SystemExit(2) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(141) from None
