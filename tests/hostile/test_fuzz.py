"""A short run of the fuzzer, always with the same programs: what is found by longer ones becomes a test of its own."""

from __future__ import annotations

import random

from benchmarks.fuzz import Pair, changed
from tests.dialect import read
from tests.hostile import ROOT

PROGRAMS = 48
SEED = 2026


def _texts() -> list[str]:
    """Return the programs of the pages that are refused, the findings in them and what repairs these included."""
    documents = [read(path) for path in sorted((ROOT / "rules").rglob("SL*.md"))]
    return [one.text for page in documents for part in page.sections if part.title == "Bad" for one in part.programs()]


def test_no_program_breaks_it() -> None:
    chance = random.Random(SEED)
    texts = _texts()
    with Pair(patience=None) as pair:
        for _ in range(PROGRAMS):
            program = changed(chance.choice(texts), chance)
            assert pair.judge(program) is None, program
