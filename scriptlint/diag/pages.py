"""Finds the page of a rule, `rules/<family>/<CODE>-<name>.md`, and its address.

A wheel carries the pages in the package's own `rules` folder; in a checkout they lie beside the package. Linting never
reads one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

SITE = "SCRIPTLINT_DOCS"
"""The variable that names the address under which the documentation is published."""

_PAGE = re.compile(r"(?P<code>SL\d+)-(?P<name>[a-z0-9-]+)\.md")


def folder() -> Path | None:
    """Return the folder with the pages, None in an installation without them."""
    package = Path(__file__).resolve().parent.parent
    return next((one for one in (package / "rules", package.parent / "rules") if one.is_dir()), None)


def pages() -> Mapping[str, Path]:
    """Return the page of each code that has one."""
    top = folder()
    found = sorted(top.glob("*/*.md")) if top is not None else []
    return {match["code"]: path for path in found if (match := _PAGE.fullmatch(path.name))}


@cache
def _known() -> Mapping[str, Path]:
    return pages()


def site() -> str | None:
    """Return the address of the published documentation without a slash at its end, None where the user names none."""
    given = os.environ.get(SITE, "").rstrip("/")
    return given if given.startswith(("https://", "http://")) else None


def published(code: str) -> str | None:
    """Return the address of a rule's page in the published documentation."""
    base = site()
    return f"{base}/rules/{code}/" if base is not None else None


def url(code: str) -> str | None:
    """Return the address of a rule's page: the published one, else that of the file in this installation."""
    path = _known().get(code)
    return published(code) or (path.as_uri() if path is not None else None)


def summary(page: str) -> str:
    """Return the first paragraph of a page, on one line."""
    paragraphs = [" ".join(one.split()) for one in page.split("\n\n")]
    return next((one for one in paragraphs if one and not one.startswith("#")), "")


def read(code: str) -> str | None:
    """Return the page of this rule as Markdown, None if there is none."""
    path = pages().get(code)
    return path.read_text(encoding="utf-8") if path is not None else None
