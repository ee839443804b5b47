"""A lint that tells the terminal how far it is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scriptlint.engine.discover import Discovered
    from scriptlint.engine.lint import Linted
    from scriptlint.engine.memory import Memory


def lint(
    found: Discovered,
    overlay: Mapping[str, bytes] | None = None,
    *,
    cache: bool,
    jobs: int,
    memory: Memory | None = None,
) -> Linted:
    """Return findings that are ready to print, the way to the files they are in, and what was judged.

    `overlay` has the content of files that are not as they are on disk.
    """
    from scriptlint.engine import lint as engine
    from scriptlint.output.progress import Progress

    progress = Progress(sys.stderr)
    try:
        return engine.lint(found, overlay or {}, cache=cache, jobs=jobs, progress=progress, memory=memory)
    finally:
        progress.clear()
