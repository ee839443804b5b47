"""What the compiler may assume of an object's past."""

from __future__ import annotations

from enum import Enum


class History(Enum):
    """What happened to an object between its construction and its compilation.

    Nothing (NEW); it was called, or given a mode, a device or a precision (RUN), or nobody knows whether it was (MAY_RUN);
    any of its methods may have been called (ANY).
    """

    NEW = "new"
    RUN = "run"
    MAY_RUN = "may run"
    ANY = "any"


UNCALLED = "nothing was called before"
"""The condition of what is refused of a new object alone."""
