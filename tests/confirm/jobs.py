"""Jobs for the child, as the runner sends them, about files that a test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def job(path: Path, make: str | None, **given: Any) -> dict[str, Any]:
    """A job about one file, which is imported under its own name."""
    return {
        "file": str(path),
        "import_as": path.stem,
        "paths": [str(path.parent)],
        "make": make,
        "factory": False,
        "call": None,
        "inputs": None,
        "guess": False,
        "asks": ["script", "trace"],
        "alone": False,
        "watch": {},
        "tree": False,
        **given,
    }
