"""Programs that nobody wrote, given to scriptlint: none of them may break it.

    python benchmarks/fuzz.py FOLDER [--minutes 10] [--programs N] [--seed 0] [--keep FOLDER]

The files of FOLDER are the seeds. Each program is one of them with a few changes: statements deleted, doubled and swapped,
names and expressions exchanged, the end cut off; where `hypothesmith` is installed, every tenth is made from Python's
grammar alone. Two processes with different hash seeds judge it, and it is checked that

- neither dies, reports an internal error (SL902), prints a traceback, or takes more than a minute;
- both say the same;
- what `--fix --unsafe-fixes` writes is Python if the program was, a second `--fix` leaves it as it is, and judging it
  anew says what the fix reported as left.

A program that breaks one of these is kept, and named with the reason. Exits with 1 if there is any.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Any, cast

from scriptlint.syntax import nodes as n
from scriptlint.syntax.parse import SyntaxFailure, parse
from scriptlint.syntax.walk import walk

_PATIENCE = 60.0  # seconds for what takes a few hundredths of one
_CALLS = 40_000_000  # of functions, for what takes a few hundred thousand
_LARGEST = 12_000  # characters of a seed

Change = Callable[["Text", random.Random], str]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--programs", type=int, help="stop after so many, however long that takes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="where programs that break something are written")
    given = parser.parse_args()
    keep = given.keep or Path(tempfile.mkdtemp(prefix="scriptlint-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * given.minutes
    broken = count = 0
    with Pair() as pair:
        for number, text in enumerate(programs(seeds(given.folder), given.seed)):
            if number == given.programs or (given.programs is None and time.monotonic() > end):
                break
            count += 1
            reason = pair.judge(text)
            if reason is not None:
                broken += 1
                path = keep / f"{given.seed}-{number}.py"
                path.write_text(text, encoding="utf-8", newline="")
                print(f"{path}: {reason}", flush=True)
    print(f"{count} programs, {broken} of them broke something")
    return int(broken > 0)


def seeds(folder: Path) -> list[str]:
    """Return the texts that are changed: the files of a folder that are Python."""
    paths = sorted(path for path in folder.rglob("*.py") if path.is_file())
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    return [text for text in texts if len(text) <= _LARGEST]


# Making programs


class Text:
    """A program and its parts: the spans of statements that stand on lines of their own, of names, and of expressions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.statements: list[tuple[int, int]] = []
        self.names: list[tuple[int, int]] = []
        self.expressions: list[tuple[int, int]] = []
        try:
            tree, _ = parse(text)
        except SyntaxFailure:
            return
        for node in walk(tree):
            span = (node.start, node.end)
            if isinstance(node, n.Stmt):
                start = text.rfind("\n", 0, node.start) + 1
                if not text[start : node.start].strip():
                    self.statements.append(span)
            elif isinstance(node, n.Name):
                self.names.append(span)
            elif isinstance(node, n.Expr):
                self.expressions.append(span)

    def of(self, span: tuple[int, int]) -> str:
        """Return what stands at a span."""
        return self.text[span[0] : span[1]]

    def replaced(self, *changes: tuple[tuple[int, int], str]) -> str:
        """Return the text with spans that do not overlap replaced."""
        text = self.text
        for (start, end), new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def _delete(text: Text, chance: random.Random) -> str:
    return text.replaced((chance.choice(text.statements), "pass"))


def _double(text: Text, chance: random.Random) -> str:
    start, end = chance.choice(text.statements)
    indent = text.text[text.text.rfind("\n", 0, start) + 1 : start]
    return text.replaced(((end, end), f"\n{indent}{text.text[start:end]}"))


def _swap(text: Text, chance: random.Random) -> str:
    first, second = sorted(chance.sample(text.statements, 2))
    if first[1] > second[0]:  # one stands in the other and takes its place
        return text.replaced((first, text.of(second)))
    return text.replaced((first, text.of(second)), (second, text.of(first)))


def _exchange_name(text: Text, chance: random.Random) -> str:
    return text.replaced((chance.choice(text.names), text.of(chance.choice(text.names))))


def _exchange_expression(text: Text, chance: random.Random) -> str:
    there = text.expressions + text.names
    return text.replaced((chance.choice(there), f"({text.of(chance.choice(there))})"))


def _exchange_word(text: Text, chance: random.Random) -> str:
    words = "None True self super torch nn int str [] {} () 0 -1 '' *x **x ... lambda:0 [x for x in x] not".split(" ")
    return text.replaced((chance.choice(text.expressions + text.names), chance.choice(words)))


def _cut(text: Text, chance: random.Random) -> str:
    return text.text[: chance.randrange(len(text.text))]


_CHANGES: dict[Change, str] = {  # and what of the text each needs
    _delete: "statements",
    _double: "statements",
    _swap: "statements",
    _exchange_name: "names",
    _exchange_expression: "expressions",
    _exchange_word: "expressions",
}


def changed(text: str, chance: random.Random) -> str:
    """Return a program with one to six changes; one in fifteen is cut off."""
    for _ in range(chance.randint(1, 6)):
        parts = Text(text)
        possible = [change for change, needed in _CHANGES.items() if len(getattr(parts, needed)) > 1]
        if not possible:
            break
        text = chance.choice(possible)(parts, chance)
    return _cut(Text(text), chance) if text and chance.random() < 1 / 15 else text


def programs(texts: Sequence[str], seed: int) -> Iterator[str]:
    """Return programs without an end, the same ones for the same seeds."""
    made = _from_grammar(seed)
    for number in range(sys.maxsize):
        chance = random.Random(f"{seed} {number}")
        text = next(made, None) if number % 10 == 9 else None
        yield changed(chance.choice(texts), chance) if text is None else text


def _from_grammar(seed: int) -> Iterator[str]:
    """Return programs that are made from the grammar of Python, a hundred at a time; none without hypothesmith."""
    try:
        import hypothesis
        import hypothesmith
    except ImportError:
        return

    def batch(number: int) -> list[str]:
        found: list[str] = []

        @hypothesis.seed(seed * 1_000_000 + number)
        @hypothesis.settings(
            max_examples=100,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(hypothesmith.from_node())
        def collect(text: str) -> None:
            found.append(text)

        collect()
        return found

    for number in range(sys.maxsize):
        yield from batch(number)


# Judging them


class Pair:
    """Two processes that judge every program, with different hash seeds.

    Either has `patience` for so many seconds; where it is None, it may call so many functions, on a machine of any speed.
    """

    def __init__(self, patience: float | None = _PATIENCE) -> None:
        self._patience = patience
        self._workers: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Pair:
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def _start(self) -> None:
        for seed in ("1", "2"):
            self._workers.append(
                subprocess.Popen(
                    [sys.executable, __file__, _COUNTED if self._patience is None else _TIMED],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                )
            )

    def _stop(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self._workers = []

    def judge(self, text: str) -> str | None:
        """Return what scriptlint does wrong with a program, in one line; None if nothing."""
        if not self._workers:
            self._start()
        try:
            for worker in self._workers:
                stdin = cast("IO[str]", worker.stdin)
                stdin.write(json.dumps(text) + "\n")
                stdin.flush()
            answers = [self._answer(worker) for worker in self._workers]
        except (BrokenPipeError, _Lost) as error:
            self._stop()
            return str(error) or "it dies"
        for answer in answers:
            if answer["wrong"]:
                return str(answer["wrong"])
        return None if answers[0] == answers[1] else f"two runs differ: {_difference(*answers)}"

    def _answer(self, worker: subprocess.Popen[str]) -> dict[str, Any]:
        stdout = cast("IO[str]", worker.stdout)
        ready, _, _ = select.select([stdout], [], [], self._patience)
        if not ready:
            raise _Lost("it has no answer after a minute")
        line = stdout.readline()
        if not line:
            code = worker.wait()
            raise _Lost(f"it calls more than {_CALLS:,} functions" if code == _TOO_MANY else f"it dies ({code})")
        return cast("dict[str, Any]", json.loads(line))


class _Lost(Exception):
    """A worker that gives no answer."""


def _difference(first: dict[str, Any], second: dict[str, Any]) -> str:
    for key, value in first.items():
        if value != second[key]:
            pair = zip(
                json.dumps(value, indent=0).splitlines(), json.dumps(second[key], indent=0).splitlines(), strict=False
            )
            return f"{key}: " + next((f"{one} / {other}" for one, other in pair if one != other), "one says more")
    return "nothing"


_TIMED, _COUNTED = "--worker", "--counted-worker"
_TOO_MANY = 70  # the exit code of a worker that ends itself


def work(counted: bool) -> None:
    """Answer one line of JSON with another, until there are no more."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.py"
        for line in sys.stdin:
            path.write_text(json.loads(line), encoding="utf-8", newline="")
            with _counting() if counted else contextlib.nullcontext():
                answer = judged(path)
            print(json.dumps(answer), flush=True)


@contextlib.contextmanager
def _counting() -> Iterator[None]:
    """End this process where too many functions are called inside of this block."""
    left = _CALLS

    def on_event(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        left -= event == "call"
        if left < 0:
            os._exit(_TOO_MANY)

    threading.setprofile(on_event)
    sys.setprofile(on_event)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def judged(path: Path) -> dict[str, Any]:
    """Return what scriptlint says of a file, and under `wrong` what it does wrong, if anything; the file may be changed."""
    try:
        return _judged(path)
    except _Wrong as error:
        return {"wrong": str(error)}


class _Wrong(Exception):
    """Something that scriptlint must not do, in one line."""


def _judged(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    findings = _run("check", path)
    verdicts = _run("modules", path)
    left = _run("check", path, "--fix", "--unsafe-fixes")
    fixed = path.read_bytes().decode("utf-8")
    if fixed != text:
        if _is_broken(left):
            raise _Wrong("what is fixed is no Python any more")
        anew = _run("check", path)
        if _said(anew) != _said(left):
            difference = sorted(_said(anew) ^ _said(left))
            raise _Wrong(f"what is fixed is judged differently: {difference[0]}")
        _run("check", path, "--fix", "--unsafe-fixes")
        if path.read_bytes().decode("utf-8") != fixed:
            raise _Wrong("a second fix changes what the first one wrote")
    return {"wrong": "", "findings": findings, "verdicts": verdicts, "left": left, "fixed": fixed}


def _is_broken(findings: list[dict[str, Any]]) -> bool:
    return any(one["code"] in ("SL900", "SL901") for one in findings)


def _said(findings: list[dict[str, Any]]) -> set[str]:
    return {f"{one['code']} {one['location']['row']}:{one['location']['column']} {one['message']}" for one in findings}


def _run(command: str, path: Path, *options: str) -> Any:
    from scriptlint.cli import run

    out, err = io.StringIO(), io.StringIO()
    everything = ["--unreached"] if command == "check" else []
    arguments = [command, "--isolated", "--no-cache", "--output-format", "json", *everything, *options, str(path)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    name = " ".join([command, *options])
    for word in ("bug in scriptlint", "Traceback", "scriptlint failed"):
        for text in (err.getvalue(), out.getvalue()):
            if word in text:
                line = next(line for line in text.splitlines() if word in line)
                raise _Wrong(f"`{name}`: {line.strip()}")
    if code not in (0, 1, 2) or not out.getvalue():
        raise _Wrong(f"`{name}` exits with {code}: {err.getvalue().strip()}")
    return json.loads(out.getvalue().replace(str(path), path.name))


if __name__ == "__main__":
    if sys.argv[1:] in ([_TIMED], [_COUNTED]):
        work(counted=sys.argv[1] == _COUNTED)
    else:
        sys.exit(main())
