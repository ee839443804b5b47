"""What scriptlint costs, as ratios within one run: they mean the same on a slow machine and on a busy one.

    python benchmarks/cost.py [FOLDER] [--files 100] [--rounds 5] [--only reading,changing]

FOLDER is linted and parsed (default: the installed timm, else torch/nn). What is compared takes turns, each figure is the
median of the rounds, and time is CPU time, of worker processes too. All figures of timm take an hour; `--only` names those
that are wanted. Exits with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import libcst

from scriptlint.engine.memory import Memory
from scriptlint.engine.pipeline import check
from scriptlint.engine.settings import Settings
from scriptlint.syntax.parse import parse
from scriptlint.text import SourceFile

ROOT = Path(__file__).resolve().parent.parent
_IMPORT = re.compile(r"(?m)^\s*from\s+([.\w]+)\s+import\b")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--files", type=int, default=100, help="files to parse, spread over the folder; 0 for all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="names of figures, with commas between them")
    given = parser.parse_args()
    folder = (given.folder or default_folder()).resolve()
    figures: dict[str, Callable[[], bool]] = {
        "reading": lambda: reading(folder, given.files, given.rounds),
        "judging": lambda: judging(folder, given.rounds),
        "tracing": lambda: tracing(folder),
        "doubling": lambda: doubling(folder, given.files),
        "remembering": lambda: remembering(folder, given.rounds),
        "changing": lambda: changing(folder),
        "processes": lambda: processes(folder),
        "growing": lambda: growing(folder, given.files),
        "starting": lambda: starting(given.rounds * 3),
    }
    wanted = given.only.split(",") if given.only else list(figures)
    if unknown := set(wanted) - set(figures):
        parser.error(f"there is no figure `{min(unknown)}`: {', '.join(figures)}")
    print(f"{folder.name}, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    met = [figures[name]() for name in wanted]
    return int(not all(met))


def default_folder() -> Path:
    """Return the sources that are linted if none are named."""
    for package, inner in (("timm", "."), ("torch", "nn")):
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            return Path(spec.origin).parent / inner
    raise SystemExit("neither timm nor torch is installed: name a folder")


def reading(folder: Path, limit: int, rounds: int) -> bool:
    """Parse, spans and lowering, against libcst's parse alone on the same texts."""
    paths = sorted(folder.rglob("*.py"))
    step = max(1, len(paths) // limit) if limit else 1
    texts = [SourceFile.from_bytes(str(path), path.read_bytes()).text for path in paths[::step]]
    lines = sum(text.count("\n") for text in texts)
    libcst.parse_module("")  # what is loaded at the first use is nobody's cost
    parse("")
    ratios, alone = [], []
    for turn in range(rounds):
        spent = {libcst.parse_module: 0.0, parse: 0.0}
        for place, text in enumerate(texts):
            both: Sequence[Callable[[str], object]] = list(spent)
            for one in both if (turn + place) % 2 else reversed(both):
                start = time.process_time()
                one(text)
                spent[one] += time.process_time() - start
        ratios.append(spent[parse] / spent[libcst.parse_module])
        alone.append(spent[libcst.parse_module])
    print(f"  {len(texts)} files, {lines} lines: libcst alone {median(alone):.2f} s")
    return told("parse + spans + lowering / libcst.parse_module", median(ratios), 1.7)


def judging(folder: Path, rounds: int) -> bool:
    """Measure a whole first run in one process and its memory, against libcst's parse alone of every file of the folder."""
    paths = sorted(folder.rglob("*.py"))
    program = (
        "import sys, libcst, pathlib\nfor path in sys.argv[1:]: libcst.parse_module(pathlib.Path(path).read_bytes())"
    )
    spent = [(lint(folder), cpu("-c", program, *map(str, paths))) for _ in range(rounds)]
    within = told("memory of a first run, in MB", max(one.memory for one, _ in spent), 600)
    ratio = median(first.time / alone.time for first, alone in spent)
    return told("first run / libcst.parse_module of every file", ratio, 3) and within


def tracing(folder: Path) -> bool:
    """Measure what the analysis of traces adds to that of scripted code, once the files are read."""
    paths = [str(path) for path in sorted(folder.rglob("*.py"))]
    trees = Memory()
    check(paths, Settings(target="script", root=str(folder)), cache=False, jobs=1, memory=trees)
    spent: dict[str, list[float]] = {"script": [], "both": []}
    for _ in range(2):
        for target, times in spent.items():
            start = time.process_time()
            known = Memory(parsed=trees.parsed)
            check(paths, Settings(target=target, root=str(folder)), cache=False, jobs=1, memory=known)
            times.append(time.process_time() - start)
    return told("tracing / scripting", min(spent["both"]) / min(spent["script"]) - 1, 0.5)


def doubling(folder: Path, limit: int) -> bool:
    """Measure a run over files and a copy of each, against a run over the files: cost must not grow faster than the files."""
    with tempfile.TemporaryDirectory() as made:
        single, double = Path(made, "single"), Path(made, "double")
        for copy in (single / "first", double / "first", double / "second"):
            copied(folder, copy, limit)
        return told("files twice / files once", lint(double).time / lint(single).time, 2.2)


def lint(folder: Path) -> Cost:
    """Return the cost of one run that remembers nothing."""
    return cpu("-m", "scriptlint", str(folder), "--isolated", "--quiet", "--no-cache", "--jobs", "1")


def remembering(folder: Path, rounds: int) -> bool:
    """Measure a run with nothing changed, against the first one; and what it imports."""
    first, second = [], []
    with tempfile.TemporaryDirectory() as made:
        for turn in range(rounds):
            again = [str(folder), "--isolated", "--quiet", "--cache-dir", os.path.join(made, str(turn))]
            first.append(cpu("-m", "scriptlint", *again).time)
            second.append(cpu("-m", "scriptlint", *again).time)
        ask = f"from scriptlint.cli import run; run({again!r}); import sys; print(*sys.modules, file=sys.stderr)"
        modules = subprocess.run(
            [sys.executable, "-c", ask],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        ).stderr.split()
    slow = sorted({"libcst", "torch"} & set(modules))
    print(f"  first run {median(first):.2f} s, second {median(second):.2f} s")
    print(f"  the second run imports {' and '.join(slow) or 'neither libcst nor torch'}")
    ratio = median(b / a for a, b in zip(first, second, strict=True))
    return told("second run / first run", ratio, 1 / 20) and not slow


def changing(folder: Path) -> bool:
    """Measure a run after one file of many has changed, against the first run: every class is judged, as an editor does it."""
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made, "copy")
        copied(folder, copy)
        run = ["-m", "scriptlint", str(copy), "--isolated", "--quiet", "--target", "both", "--jobs", "1"]
        run += ["--cache-dir", os.path.join(made, "cache")]
        leaf = most_imported(copy)
        first = cpu(*run).time
        with leaf.open("a", encoding="utf-8") as file:
            file.write("# a comment\n")
        comment = cpu(*run).time
        text = leaf.read_text(encoding="utf-8")
        leaf.write_text(re.sub(r"(?m)^    return ", "    pass\n    return ", text, count=1), encoding="utf-8")
        function = cpu(*run).time
    print(f"  first run {first:.2f} s, a comment in {leaf.name} {comment:.2f} s, a function of it {function:.2f} s")
    met = told("one comment changed / first run", comment / first, 0.03)
    return told("one function changed, in the file that most others import / first run", function / first, 0.5) and met


def most_imported(folder: Path) -> Path:
    """Return the file with functions whose name most of the other files mention in their imports."""
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.rglob("*.py"))}
    words = Counter(word for text in texts.values() for line in _IMPORT.findall(text) for word in set(line.split(".")))
    candidates = [path for path, text in texts.items() if path.stem != "__init__" and re.search(r"(?m)^def ", text)]
    return max(candidates, key=lambda path: (words[path.stem], str(path)))


def processes(folder: Path) -> bool:
    """Measure the clock of a first run in two processes, against one; meaningless where the machine is busy."""
    spent = {}
    for jobs in ("1", "2"):
        start = time.perf_counter()
        cpu("-m", "scriptlint", str(folder), "--isolated", "--quiet", "--no-cache", "--jobs", jobs)
        spent[jobs] = time.perf_counter() - start
    return told("first run in two processes / in one, by the clock", spent["2"] / spent["1"], 0.7)


def growing(folder: Path, limit: int) -> bool:
    """Measure the memory of a run over four copies of some files, against a run over one."""
    with tempfile.TemporaryDirectory() as made:
        for number in range(4):
            copied(folder, Path(made, "four", str(number)), limit)
        ratio = lint(Path(made, "four")).memory / lint(Path(made, "four", "0")).memory
    return told("memory for four times the files / once", ratio, 1.4)


def copied(folder: Path, target: Path, limit: int = 0) -> None:
    """Copy the sources of a folder, or some of them."""
    for path in sorted(folder.rglob("*.py"))[: limit or None]:
        (target / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        (target / path.relative_to(folder)).write_bytes(path.read_bytes())


def starting(rounds: int) -> bool:
    """`scriptlint --version`, against a Python that imports click and ends."""
    ratios = [cpu("-m", "scriptlint", "--version").time / cpu("-c", "import click").time for _ in range(rounds)]
    return told("scriptlint --version / import click", median(ratios), 2)


class Cost(NamedTuple):
    """What a process used: CPU time in seconds, that of its children included, and its largest memory in MB."""

    time: float
    memory: float


def cpu(*arguments: str) -> Cost:
    """Return what this interpreter costs with these arguments; it may find something."""
    child = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode in (0, 1), f"{arguments} ended with {child.returncode}"
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def told(what: str, ratio: float, goal: float) -> bool:
    """Print one ratio; return True if it meets its goal."""
    met = ratio <= goal
    print(f"{what}: {ratio:.4g} (goal at most {goal:g}{'' if met else ', MISSED'})")
    return met


if __name__ == "__main__":
    sys.exit(main())
