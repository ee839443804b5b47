"""Sizes of memory as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "k": 10, "m": 20, "g": 30, "t": 40}


def size(text: str) -> int:
    """Return the number of bytes in `8GB`, `512M` or `2.5 GiB`; raises ValueError for what is no size."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text, re.I)
    if match is None:
        raise ValueError(f"{text!r} is no size")
    unit = match[2].lower()
    found = int(float(match[1]) * (1 << _UNITS[unit] if unit else 1))
    if found < 1:
        raise ValueError(f"{text!r} is no size")
    return found


def shown(bytes_: int) -> str:
    """Return the size as people write it."""
    for unit in ("T", "G", "M", "k"):
        if bytes_ >= 1 << _UNITS[unit.lower()]:
            return f"{bytes_ / (1 << _UNITS[unit.lower()]):.4g} {unit}B"
    return f"{bytes_} B"
