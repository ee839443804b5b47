"""Programs composed from typed fragments, asked of the real torch and of scriptlint; disagreements are printed smallest first.

    python benchmarks/compose.py [--attributes REGEX] [--uses REGEX] [--sample N] [--seed N]

A program is a module with one attribute and one use of it: what the class declares, what `__init__` sets, and what `forward`
does with it. Every attribute of `fragments` is combined with every use, or a sample of these pairs. A program is printed with what both said of it
where torch refuses and scriptlint reports no error, where torch accepts and scriptlint reports one, and where the
compiler's line is not among the reported ones.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fragments import ATTRIBUTES, HEAD, USES  # noqa: E402

from tests.judge import Judge, Verdict  # noqa: E402


@dataclass(frozen=True)
class Answer:
    """What both judges said of a program: the verdict of torch, and the code, row, severity and message of each finding."""

    name: str
    program: str
    verdict: Verdict
    findings: tuple[tuple[str, int, str, str], ...]


def disagreement(answer: Answer) -> str | None:
    """Return how the judges disagree about what is scripted, None where they agree."""
    rows = {row for _, row, severity, _ in answer.findings if severity == "error"}
    if answer.verdict.verdict == "ok":
        return "a false alarm" if rows else None
    if not rows:
        return "a miss"
    return "another line" if answer.verdict.line is not None and answer.verdict.line not in rows else None


def composed() -> Iterator[tuple[str, str]]:
    """Return every program with its name: each attribute with each use that is meant for its kind, or for any."""
    for name, attribute in ATTRIBUTES.items():
        for use, text in USES.items():
            lines = [*HEAD.splitlines(), *attribute.before.splitlines(), "", "", "class M(nn.Module):"]
            lines += [f"    {line}" for line in attribute.declared.splitlines()]
            lines += ["", "    def __init__(self):", "        super().__init__()"]
            lines += [f"        {line}" for line in attribute.set.splitlines()]
            lines += ["", "    def forward(self, x: Tensor):"]
            lines += [f"        {line}" for line in text.splitlines()]
            yield f"{name} / {use}", "\n".join([*lines, "", "", "torch.jit.script(M())", ""])


def ask(programs: Iterable[tuple[str, str]], appended: str = "") -> Iterator[Answer]:
    """Ask both judges: scriptlint about all programs in one run, torch about each, with something appended, in a process of
    its own."""
    programs = list(programs)
    with tempfile.TemporaryDirectory(prefix="compose-") as folder:
        for index, (_, text) in enumerate(programs):
            (Path(folder) / f"p{index}.py").write_text(text, encoding="utf-8")
        command = (
            sys.executable,
            "-m",
            "scriptlint",
            "check",
            "--isolated",
            "--no-cache",
            "--output-format",
            "json",
            ".",
        )
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        found: dict[str, list[tuple[str, int, str, str]]] = {}
        for finding in json.loads(done.stdout):
            fact = (finding["code"], finding["location"]["row"], finding["severity"], finding["message"])
            found.setdefault(Path(finding["filename"]).stem, []).append(fact)
    with Judge() as judge:
        for index, (name, text) in enumerate(programs):
            yield Answer(name, text, judge.run(text + appended), tuple(found.get(f"p{index}", ())))


def show(answers: Iterable[Answer], judged: Callable[[Answer], str | None], head: str) -> None:
    """Print what the judges disagree about, the smallest program first and without its head, and how many answers agree."""
    answers = list(answers)
    kinds = Counter(judged(answer) or "the same" for answer in answers)
    for answer in sorted(answers, key=lambda one: len(one.program)):
        kind = judged(answer)
        if kind is None:
            continue
        body = answer.program.removeprefix(head).strip()
        print(f"===== {kind}: {answer.name}\n{body}")
        words = answer.verdict.words.strip().splitlines()
        print(f"--- torch: {answer.verdict.verdict}, line {answer.verdict.line}: {' | '.join(words)[:300]}")
        before = len(head.splitlines())
        for code, row, severity, message in answer.findings:
            print(f"--- scriptlint: {code} {severity} line {row} (text {row - before}): {message}")
    print(", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))


def chosen(programs: Iterable[tuple[str, str]], parts: str) -> list[tuple[str, str]]:
    """Return the programs that the command line asks for; names are `PART / USE`, `parts` is the option for the first."""
    parser = argparse.ArgumentParser(description=(sys.modules["__main__"].__doc__ or "").partition("\n")[0])
    parser.add_argument(f"--{parts}", dest="parts", default="", help="only those whose name this expression finds")
    parser.add_argument("--uses", default="", help="only those whose name this expression finds")
    parser.add_argument("--sample", type=int, help="ask about so many of the programs")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = []
    for name, text in programs:
        part, _, use = name.partition(" / ")
        if re.search(options.parts, part) and re.search(options.uses, use):
            found.append((name, text))
    if options.sample is not None and options.sample < len(found):
        return random.Random(options.seed).sample(found, options.sample)
    return found


if __name__ == "__main__":
    show(ask(chosen(composed(), "attributes")), disagreement, HEAD)
