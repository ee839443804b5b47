"""Where a module of a given name lies below a folder, as Python's path finder would say."""

from __future__ import annotations

from pathlib import Path


def locate(root: Path, name: str) -> str | None:
    """The file of the module or package `name` below `root`, None where there is none."""
    base = root.joinpath(*name.split("."))
    for candidate in (base / "__init__.py", base.with_name(base.name + ".py")):
        if candidate.is_file():
            return str(candidate)
    return None
