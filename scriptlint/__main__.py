"""`python -m scriptlint` is `scriptlint`."""

import os
import sys

if __name__ == "__main__":
    # Python puts the working folder first, and a repository may have a `click.py` in it.
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]

    from scriptlint.cli import main

    main()
