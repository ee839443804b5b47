"""What blocks most modules."""

import json
from types import SimpleNamespace

from scriptlint.output.paint import Paint
from scriptlint.output.ranking import PLACES_SHOWN, ranking_json, ranking_table
from scriptlint.text import Location

NAMES = {"SL1": "one", "SL2": "two"}


def blocker(code: str, row: int, when: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(code=code, message=f"m{row}", filename="/net.py", location=Location(row, 5), when=when)


def verdict(*blockers: SimpleNamespace) -> SimpleNamespace:
    sure = any(one.when is None for one in blockers)
    fate = "ok" if not blockers else "blocked" if sure else "depends"
    return SimpleNamespace(script_verdict=fate, blockers=blockers)


HELPER = blocker("SL2", 3)
VERDICTS = [
    verdict(),
    verdict(HELPER),
    verdict(HELPER, blocker("SL2", 9)),
    verdict(blocker("SL1", 20), HELPER),
    verdict(blocker("SL1", 30, "`p` is None")),
    verdict(blocker("SL1", 20, "`p` is None"), HELPER),
]


def test_table() -> None:
    assert list(ranking_table(VERDICTS, NAMES, Paint(False))) == [
        "blocked  alone  depends  rule",
        "      4      3           SL2 two",
        "      1               2  SL1 one",
        "",
        "blocked  alone  depends  place",
        "      4      2           /net.py:3:5: SL2 m3",
        "      1               1  /net.py:20:5: SL1 m20",
        "      1                  /net.py:9:5: SL2 m9",
        "      0               1  /net.py:30:5: SL1 m30",
        "",
    ]


def test_a_long_table_is_cut_and_an_empty_one_says_so() -> None:
    many = [verdict(*(blocker("SL1", row) for row in range(PLACES_SHOWN + 2)))]
    lines = list(ranking_table(many, NAMES, Paint(False)))
    assert lines[-2] == "and 2 more places, all of them in the JSON"
    assert len(lines) == PLACES_SHOWN + 6
    assert list(ranking_table([verdict()], NAMES, Paint(True))) == ["Nothing blocks a module."]


def test_json() -> None:
    told = json.loads(ranking_json(VERDICTS, NAMES))
    assert told["version"] == 1
    assert told["modules"] == 6
    assert told["script"] == {"ok": 1, "depends": 1, "blocked": 4, "unknown": 0}
    assert told["rules"][0] == {"code": "SL2", "name": "two", "blocked": 4, "alone": 3, "depends": 0}
    assert told["places"][0] == {
        "code": "SL2",
        "name": "two",
        "message": "m3",
        "filename": "/net.py",
        "location": {"row": 3, "column": 5},
        "blocked": 4,
        "alone": 2,
        "depends": 0,
    }
    assert len(told["places"]) == 4
