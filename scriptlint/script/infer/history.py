"""What the compiler may assume of an object's past."""

from __future__ import annotations

from enum import Enum


class History(Enum):
    """What may have happened to an object between its construction and its compilation.

    Nothing (NEW); that it was called, or given a mode, a device or a precision (RUN); calls of any of its methods (ANY).
    """

    NEW = "new"
    RUN = "run"
    ANY = "any"
