"""Settling: from raw findings to those that are printed."""

import re
from collections.abc import Mapping

from scriptlint.diag import Diagnostic, Span, Step
from scriptlint.engine.settings import Selection, Settings
from scriptlint.engine.settle import once, settle
from scriptlint.syntax.trivia import Comment
from scriptlint.text import SourceFile

NET, OPS = "/p/net.py", "/p/ops.py"


def finding(code: str, path: str = NET, start: int = 0, **more: object) -> Diagnostic:
    values = {"name": "x", "severity": "error", "target": "script", "message": "m", "help": ""} | more
    return Diagnostic(code=code, span=Span(path, start, start + 1), **values)


def settled(
    *found: Diagnostic, texts: Mapping[str, str] | None = None, linted: tuple[str, ...] = (NET,), **settings: object
) -> list[Diagnostic]:
    texts = texts or {}
    chosen = Settings(root="/p", **settings)

    def comments(path: str) -> list[Comment]:
        return [Comment(match.start(), match[0]) for match in re.finditer("#.*", texts.get(path, ""))]

    return settle(
        found,
        settings_of=lambda path: chosen,
        sources=lambda path: SourceFile(path, texts[path]),
        comments=comments,
        linted=linted,
    )


def codes(findings: list[Diagnostic]) -> list[str]:
    return [one.code for one in findings]


def test_order_is_by_path_and_offset() -> None:
    found = [finding("SL903", OPS, 1), finding("SL904", NET, 9), finding("SL903", NET, 9), finding("SL905", NET, 2)]
    assert [(one.span.path, one.code) for one in settled(*found)] == [
        (NET, "SL905"), (NET, "SL903"), (NET, "SL904"), (OPS, "SL903"),
    ]  # fmt: skip


def test_selection_and_per_file_ignores() -> None:
    found = [finding("SL903"), finding("SL904"), finding("SL903", OPS)]
    assert codes(settled(*found, select=("SL904",))) == ["SL904"]
    assert codes(settled(*found, command_line=Selection(ignore=("SL903",)))) == ["SL904"]
    per_file = settled(*found, per_file_ignores={"net.py": ("SL9",)})
    assert [one.span.path for one in per_file] == [OPS]
    others = settled(*found, per_file_ignores={"!net.py": ("SL903",)})
    assert [one.span.path for one in others] == [NET, NET]


def test_one_finding_per_rule_and_place_the_most_certain_one() -> None:
    step = Step("Net.forward", Span(NET, 0, 1))
    sure, conditional = finding("SL903"), finding("SL903", severity="warning", when="`x` is None")
    assert once([conditional, sure]) == [sure]
    assert once([finding("SL903", trail=(step, step)), finding("SL903", trail=(step,))])[0].trail == (step,)
    assert once([finding("SL903", trail=(step,)), conditional])[0].trail == (step,)
    assert len(once([sure, finding("SL904"), finding("SL903", start=1)])) == 3


def test_merged_findings_remember_that_one_was_first() -> None:
    step = Step("Net.forward", Span(NET, 0, 1))
    (one,) = once([finding("SL903", trail=(step,), first=True), finding("SL903")])
    assert (one.trail, one.first) == ((), True)


def test_the_result_does_not_hang_on_the_order_of_what_was_found() -> None:
    found = [finding("SL903", message="b"), finding("SL903", message="a"), finding("SL903", when="w", message="c")]
    assert once(found) == once(found[::-1])


def test_suppressions_of_the_file_that_a_finding_is_in() -> None:
    texts = {NET: "x\n", OPS: "y  # scriptlint: ignore[SL903]\n"}
    found = [finding("SL903", NET), finding("SL903", OPS)]
    assert [one.span.path for one in settled(*found, texts=texts)] == [NET]


def test_unused_suppressions_only_of_linted_files() -> None:
    texts = {NET: "x  # scriptlint: ignore[SL902]\n", OPS: "y  # scriptlint: ignore[SL902]\n"}
    assert [(one.code, one.span.path) for one in settled(texts=texts)] == [("SL903", NET)]
    assert codes(settled(texts=texts, linted=(NET, OPS))) == ["SL903", "SL903"]
    assert settled(texts=texts, ignore=("SL903",)) == []


def test_a_suppression_of_a_rule_that_is_off_is_not_unused() -> None:
    texts = {NET: "x  # scriptlint: ignore[SL902]\n"}
    assert settled(texts=texts, select=("SL903",))[0].code == "SL903"  # failures are always on
    assert settled(texts={NET: "x  # scriptlint: ignore[SL905]\n"}, select=("SL903",)) == []


def test_failures_of_the_tool_are_not_suppressed_and_silence_the_comments() -> None:
    texts = {NET: "x  # scriptlint: ignore\n"}
    assert codes(settled(finding("SL901"), texts=texts)) == ["SL901"]
