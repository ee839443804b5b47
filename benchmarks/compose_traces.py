"""Traced programs composed from fragments, asked of the real torch and of scriptlint; disagreements are printed smallest first.

    python benchmarks/compose_traces.py [--values REGEX] [--uses REGEX] [--sample N] [--seed N]

A program is a module that computes a value of its input and does something with it. Every value of `trace_fragments` is combined
with every use that is meant for its kind. It is traced on one input and run on others; it is printed with what both said
of it where the trace differs from the model, or is refused, and scriptlint reports nothing, and where the trace is right, torch does not
warn, and scriptlint reports something.
"""

from __future__ import annotations

from collections.abc import Iterator

from compose import Answer, ask, chosen, show
from trace_fragments import HEAD, PROGRAM, USES, VALUES

from tests.pages.same import SAME

COMPARISON = """

def _given(call, inputs):
    try:
        return call(*inputs)
    except Exception as error:
        return type(error).__name__


for inputs in others:
    one, two = _given(model, inputs), _given(traced, inputs)
    both_raise = isinstance(one, str) and isinstance(two, str)
    assert both_raise or _same(one, two), "the trace differs"
"""


def composed() -> Iterator[tuple[str, str]]:
    """Return every program with its name: each value with each use that is meant for its kind."""
    for kind, values in VALUES.items():
        for name, value in values.items():
            for use, text in USES[kind].items():
                lines = [*value.splitlines(), *text.splitlines()]
                body = "\n".join(f"        {line}" for line in lines)
                yield f"{name} / {use}", HEAD + PROGRAM.format(body=body)


def disagreement(answer: Answer) -> str | None:
    """Return how the judges disagree about a trace, None where they agree."""
    reported = [one for one in answer.findings if one[2] != "note"]
    lines = answer.program.splitlines()
    untraced = next(row for row, line in enumerate(lines, 1) if line.startswith("M()(*example)"))
    if answer.verdict.statement is not None and answer.verdict.statement <= untraced:
        return None
    if answer.verdict.verdict != "ok":
        return None if reported else "a miss"
    return "a false alarm" if reported and not answer.verdict.warnings else None


if __name__ == "__main__":
    show(ask(chosen(composed(), "values"), appended=SAME + COMPARISON), disagreement, HEAD)
