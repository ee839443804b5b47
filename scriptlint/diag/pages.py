"""Finds the page of a rule: `rules/<family>/<CODE>-<name>.md`.

A wheel carries the pages in the package's own `rules` folder; in a checkout they lie beside the package. Linting never
reads one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_PAGE = re.compile(r"(?P<code>SL\d+)-(?P<name>[a-z0-9-]+)\.md")


def folder() -> Path | None:
    """The folder with the pages, None in an installation without them."""
    package = Path(__file__).resolve().parent.parent
    return next((one for one in (package / "rules", package.parent / "rules") if one.is_dir()), None)


def pages() -> Mapping[str, Path]:
    """The page of each code that has one."""
    top = folder()
    found = sorted(top.glob("*/*.md")) if top is not None else []
    return {match["code"]: path for path in found if (match := _PAGE.fullmatch(path.name))}


def read(code: str) -> str | None:
    """The page of this rule as Markdown, None if there is none."""
    path = pages().get(code)
    return path.read_text(encoding="utf-8") if path is not None else None
