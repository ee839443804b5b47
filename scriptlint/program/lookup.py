"""Where a module of a given name lies below a folder, as Python's path finder would say, and which packages do not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def missing_packages(lookups: Mapping[tuple[Path, str], str | None]) -> list[str]:
    """Return the packages of which nothing was found, in the order of their names; `lookups` are those of a run."""
    found: dict[str, bool] = {}
    for (_, name), path in lookups.items():
        top = name.partition(".")[0]
        found[top] = found.get(top, False) or path is not None
    return sorted(name for name, there in found.items() if not there)


def locate(root: Path, name: str) -> str | None:
    """The file of the module or package `name` below `root`, None where there is none."""
    base = root.joinpath(*name.split("."))
    for candidate in (base / "__init__.py", base.with_name(base.name + ".py")):
        if candidate.is_file():
            return str(candidate)
    return None
