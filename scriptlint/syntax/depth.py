"""How deep a tree may be: one expression of a thousand additions is a thousand nodes deep, and Python stops before."""

import sys

_RECURSION_LIMIT = 12_000


def allow_depth() -> None:
    """Lets this process build and walk every tree that `parse` gives; a tree from the cache needs it as much."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))
