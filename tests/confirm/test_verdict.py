"""Verdicts on findings that are wrong, which no program shows for long: invented ones, put to the real compiler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from scriptlint.cli.confirm import exit_code
from scriptlint.confirm.minimal import reduced
from scriptlint.confirm.plan import Job
from scriptlint.confirm.report import Report, annotated
from scriptlint.confirm.runner import CannotRun, How, Zygote, run
from scriptlint.confirm.verdict import CONFIRMED, Outcome, judge
from scriptlint.diag import Confirmation, Diagnostic, Label, Span
from scriptlint.engine.fates import Fate
from scriptlint.engine.registry import all_rules
from scriptlint.text import SourceFile
from tests.confirm.jobs import job

PROGRAM = """from torch import Tensor, nn


def helper(x: Tensor) -> Tensor:
    return x + 1


def unused(x: Tensor) -> Tensor:
    return x + 2


class Net(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return helper(x)
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    one = Zygote(How())
    yield one
    one.close()


def outcome(
    zygote: Zygote, folder: Path, code: str, words: str, when: str | None = None, text: str = PROGRAM
) -> Outcome:
    """What becomes of a finding of this rule at these words."""
    path = folder / "net.py"
    path.write_text(text, encoding="utf-8")
    source = SourceFile(str(path), text)
    start = text.index(words)
    rule = all_rules()[code]
    span = Span(str(path), start, start + len(words))
    finding = Diagnostic(code, rule.name, rule.severity.value, rule.target.value, "invented", "", span, when=when)
    of_script = rule.target.value == "script"
    fate = Fate("Net", "net.Net", span, [finding] if of_script else [], [] if of_script else [finding])
    asked = Job("net.py::Net", str(path), span, "defaults", fate, "net:Net", make="Net", import_as="net")
    rows = source.location(start).row
    answer = zygote.run(job(path, "Net()", inputs="torch.rand(3)", watch={str(path): [[rows, rows]]}))
    return judge(asked, answer, dict(all_rules()), lambda _: source)


def told(found: Outcome) -> list[tuple[str, str]]:
    return [(one.code, one.confirmation.verdict) for one in found.findings if one.confirmation is not None]


def test_an_error_in_what_compiles_is_refuted(zygote: Zygote, tmp_path: Path) -> None:
    found = outcome(zygote, tmp_path, "SL120", "x + 1")
    assert told(found) == [("SL120", "refuted")]
    assert found.disagreements == ["SL120 lambda-expression is refuted"]


def test_a_contradiction_is_exit_code_3(zygote: Zygote, tmp_path: Path) -> None:
    wrong = outcome(zygote, tmp_path, "SL120", "x + 1")
    right = outcome(zygote, tmp_path, "SL120", "[y for y", text=PROGRAM.replace("x + 1", "[y for y in x if y]"))
    assert exit_code(Report(outcomes=[wrong], findings=wrong.findings)) == 3
    assert exit_code(Report(outcomes=[right], findings=right.findings)) == 1
    assert exit_code(Report(outcomes=[wrong], problems=["a file that is not there"])) == 2


def test_a_condition_is_never_refuted_by_one_object(zygote: Zygote, tmp_path: Path) -> None:
    assert told(outcome(zygote, tmp_path, "SL120", "x + 1", when="deep")) == [("SL120", "not reached")]


def test_a_hazard_that_never_is_one_is_refuted(zygote: Zygote, tmp_path: Path) -> None:
    assert told(outcome(zygote, tmp_path, "SL801", "x + 1")) == [("SL801", "refuted")]


def test_silence_after_a_warning_refutes_nothing(zygote: Zygote, tmp_path: Path) -> None:
    text = PROGRAM.replace("return helper(x)", "return helper(x) + 0 * float(x.size(0))")
    assert ("SL801", "not reached") in told(outcome(zygote, tmp_path, "SL801", "x + 1", text=text))


def test_a_hazard_that_the_example_does_not_lead_to_is_not_reached(zygote: Zygote, tmp_path: Path) -> None:
    assert told(outcome(zygote, tmp_path, "SL801", "x + 2")) == [("SL801", "not reached")]


def test_other_words_at_another_place_confirm_nothing(zygote: Zygote, tmp_path: Path) -> None:
    text = PROGRAM.replace("return x + 1", "return x + None")
    found = outcome(zygote, tmp_path, "SL120", "return helper(x)", text=text)
    assert told(found)[0] == ("SL120", "refuted")  # the helper put aside, the rest compiles
    assert told(found)[1][0] == "SL906"


def test_a_call_is_confirmed_by_a_refusal_inside_of_what_it_calls(zygote: Zygote, tmp_path: Path) -> None:
    text = PROGRAM.replace("return x + 1", "return x + None").replace("def helper(", "def helper (")
    text = text.replace("return helper(x)", "return  helper(x)")
    start = text.index("return  helper")
    assert told(outcome(zygote, tmp_path, "SL213", text[start : start + len("return  helper")], text=text)) == [
        ("SL213", "confirmed")
    ]


def test_a_function_that_is_an_attribute_and_unused_refutes_nothing(zygote: Zygote, tmp_path: Path) -> None:
    # The compiler tries it, fails, and tells nobody.
    text = PROGRAM.replace("return x + 2", "return [y for y in x if y]").replace(
        "    def forward",
        "    def __init__(self):\n        super().__init__()\n        self.f = unused\n\n    def forward",
    )
    assert told(outcome(zygote, tmp_path, "SL126", "[y for y", text=text)) == [("SL126", "not reached")]


def test_the_file_for_a_report_holds_no_more_than_it_must(tmp_path: Path) -> None:
    small = reduced(PROGRAM, lambda text: "helper(x)" in text and "def helper" in text)
    assert (
        small.split()
        == (
            "def helper(x: Tensor) -> Tensor: return x + 1 "
            "class Net(nn.Module): def forward(self, x: Tensor) -> Tensor: return helper(x)"
        ).split()
    )


def test_answers_come_with_the_numbers_of_their_jobs(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM, encoding="utf-8")
    jobs = [job(path, make, asks=["script"]) for make in ("Net()", "nothing", "helper")]
    answers = dict(run(jobs, How(), at_once=2))
    assert [sorted(answers)] == [[0, 1, 2]]
    assert answers[1]["failure"]["error"] == "NoName"
    assert answers[2]["built"]["kind"] == "function"


def test_a_system_without_fork_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.fork")
    with pytest.raises(CannotRun, match="which Windows cannot do; WSL can"):
        Zygote(How()).start()


def test_what_was_put_aside_with_a_guess_refutes_nothing(zygote: Zygote, tmp_path: Path) -> None:
    # What the helper returns is nowhere said: the caller may compile for that reason alone.
    text = PROGRAM.replace(
        "def helper(x: Tensor) -> Tensor:\n    return x + 1", "def helper(x):\n    return [y for y in x if y]"
    )
    found = outcome(zygote, tmp_path, "SL402", "helper(x)\n", text=text)
    assert told(found)[0] == ("SL402", "not reached")


def test_what_is_found_in_a_package_is_confirmed_where_the_project_calls_it() -> None:
    inside, call = Span("site-packages/tensors.py", 20, 26), Span("net.py", 5, 11)
    asked = Diagnostic("SL123", "set-display", "error", "script", "found", "", inside)
    asked = msgspec.structs.replace(asked, confirmation=Confirmation(CONFIRMED, "Set is not supported"))
    said = msgspec.structs.replace(asked, span=call, labels=(Label(inside, "it is found here"),), confirmation=None)
    (one,) = annotated([said], Report(outcomes=[], findings=[asked]))
    assert (one.span, one.confirmation) == (call, asked.confirmation)
