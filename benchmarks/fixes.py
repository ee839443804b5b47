"""What the fixes are worth on real modules: docs/fixes.md.

    python benchmarks/fixes.py apply FROM TO [--unsafe-fixes]      copies the .py files of a folder and fixes each by itself
    python benchmarks/fixes.py same ORACLE FROM TO                 do the modules still give the same, with the same state?
    python benchmarks/fixes.py proof FROM [--unsafe-fixes] [NAMES]  does every file parse then, and stay as it is in a second run?
    python benchmarks/fixes.py table BEFORE SAFE UNSAFE            writes docs/fixes.md

FROM is a folder of ParityBench files (github.com/jansel/pytorch-jit-paritybench, `generated/`). BEFORE, SAFE and UNSAFE are
folders after `apply` and `same` (BEFORE: the untouched files) that hold `oracle.jsonl`, what the oracle of the labels said
about them: every module built, compiled and run in a process of its own. ORACLE is that oracle's file, whose stand-ins are used.
"""

from __future__ import annotations

import collections
import contextlib
import importlib.util
import io
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scriptlint.cli import run
from scriptlint.diag import Fixable
from scriptlint.engine.registry import all_rules

PAGE = Path(__file__).resolve().parent.parent / "docs" / "fixes.md"


def said(*arguments: str) -> str:
    """Return what a command prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
        run(arguments)
    return out.getvalue()


def apply(source: Path, target: Path, unsafe: bool) -> None:
    """Fix a copy of every file, and write what was fixed to `fixes.json`, with the blockers of each class before."""
    target.mkdir(parents=True, exist_ok=True)
    fixed: dict[str, Any] = {}
    for file in sorted(source.glob("*.py")):
        copy = target / file.name
        shutil.copy(file, copy)
        options = ["--unsafe-fixes"] if unsafe else []
        counts: dict[str, int] = {}
        for line in said(
            "check", "--isolated", "--no-cache", "--unreached", "--fix-only", "--show-fixes", *options, str(copy)
        ).splitlines():
            words = line.split()
            if len(words) > 2 and words[1] == "×":
                counts[words[2]] = counts.get(words[2], 0) + int(words[0])
        judged = json.loads(said("modules", "--isolated", "--no-cache", "--output-format", "json", str(file)))[
            "modules"
        ]
        blockers = {one["name"]: sorted({why["code"] for why in one["script"]["blockers"]}) for one in judged}
        fixed[file.name] = {"fixed": counts, "blockers": blockers}
        compile(copy.read_bytes(), str(copy), "exec")
    (target / "fixes.json").write_text(json.dumps(fixed), encoding="utf-8")


def proof(source: Path, options: list[str], names: list[str] | None) -> None:
    """Fix files in memory, each by itself, and say what is not as it should be; `names` are all files if None."""
    total: collections.Counter[str] = collections.Counter()
    seconds: dict[str, float] = {"check": 0.0, "fix": 0.0}
    for file in sorted(source.rglob("*.py")) if names is None else [source / one for one in names]:
        total["files"] += 1
        command = ("check", "--isolated", "--no-cache")
        fix = (*command, "--fix-only", *options)
        began = time.perf_counter()
        said(*command, str(file))
        checked = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / file.name
            shutil.copy(file, copy)
            complaints = io.StringIO()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(complaints):
                run((*fix, str(copy)))
            total["taken back"] += complaints.getvalue().count("was taken back")
            after = copy.read_bytes()
            if after == file.read_bytes():
                continue
            total["changed"] += 1
            seconds["check"] += checked - began
            seconds["fix"] += time.perf_counter() - checked
            try:
                compile(after, str(copy), "exec")
            except (SyntaxError, ValueError) as error:
                print(f"{file.name}: {error}")
                total["no Python any more"] += 1
                continue
            said(*fix, str(copy))
            if copy.read_bytes() != after:
                print(f"{file.name}: a second run changes it again")
                total["changed again"] += 1
    print(dict(total), f"a fix costs {seconds['fix'] / max(seconds['check'], 1e-9):.1f} checks")


Case = tuple[str, int]


def rows(folder: Path) -> dict[Case, dict[str, Any]]:
    """Return what the oracle said about each case of a folder."""
    lines = (folder / "oracle.jsonl").read_text(encoding="utf-8").splitlines()
    return {(one["file"], one.get("case", -1)): one for one in map(json.loads, lines)}


def scripts(row: dict[str, Any]) -> bool:
    """Return True if the module compiles."""
    return bool(row.get("built") and row.get("script", {}).get("ok"))


def table(before: Path, safe: Path, unsafe: Path) -> None:
    """Write the page."""
    base = rows(before)
    judged = {case for case, row in base.items() if row.get("built") and "script" in row}
    compiles = {case for case in judged if scripts(base[case])}
    files = len({file for file, _ in base})
    lines = [
        "# Fixes",
        "",
        f"Written by `benchmarks/fixes.py`. Every module of {files} files of ParityBench, drawn at random, was built and compiled",
        "with the real torch, in a process of its own: as it is, after `--fix`, and after `--fix --unsafe-fixes`.",
        "",
        f"| | modules that compile, of {len(judged)} | points | stopped compiling | give the same in eager mode | do not |",
        "|---|---|---|---|---|---|",
        f"| before | {len(compiles)} | | | | |",
    ]
    gained: dict[str, set[Case]] = {}
    for name, folder in (("`--fix`", safe), ("`--fix --unsafe-fixes`", unsafe)):
        after = {**base, **rows(folder)}
        now = {case for case in judged if scripts(after[case])}
        lost = {case for case in compiles - now if not after[case].get("timeout")}
        gained[name] = now - compiles
        points = 100 * (len(now) - len(compiles)) / len(judged)
        ran = json.loads((folder / "same.json").read_text(encoding="utf-8"))
        lines.append(f"| {name} | {len(now)} | +{points:.1f} | {len(lost)} | {ran['same']} | {ran['differs']} |")
    lines += [
        "",
        "Those of files that changed were also run on their inputs before and after, with the same random numbers: they do not",
        "give the same where the output or the names of the state are others. What differs from run to run is not counted.",
        "",
        "*Fixed* counts findings with `--unsafe-fixes`; *unblocked* are modules that compile afterwards and of which the rule",
        "was a blocker before, by safe fixes and by all. A module with several blockers counts for each of them.",
        "",
        "| rule | fixed | of these safe | unblocked by safe fixes | by all |",
        "|---|---|---|---|---|",
    ]
    known = {one: json.loads((one / "fixes.json").read_text(encoding="utf-8")) for one in (safe, unsafe)}
    counts = {one: collections.Counter[str]() for one in known}
    for folder, files in known.items():
        for entry in files.values():
            counts[folder].update(entry["fixed"])
    found = []
    for code, rule in all_rules().items():
        if rule.fixable is Fixable.NEVER:
            continue
        unblocked = [
            sum(code in known[unsafe][file]["blockers"].get(base[file, case]["class"], ()) for file, case in cases)
            for cases in gained.values()
        ]
        found.append((-unblocked[1], -counts[unsafe][code], code, rule.name, counts[safe][code], unblocked[0]))
    for by_all, fixed, code, name, of_safe, by_safe in sorted(found):
        lines.append(f"| {code} {name} | {-fixed} | {of_safe} | {by_safe} | {-by_all} |")
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def same(oracle: Path, before: Path, after: Path) -> None:
    """Say for which modules outputs or the names of the state differ."""
    spec = importlib.util.spec_from_file_location("oracle", oracle)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.meta_path.append(module.Finder())
    total: collections.Counter[str] = collections.Counter()
    for file in sorted(after.glob("*.py")):
        if file.read_bytes() == (before / file.name).read_bytes():
            continue
        for name, verdict in module.isolated(_compared, module, before / file.name, file).items():
            word = str(verdict).partition(" ")[0]
            total[word] += 1
            if word.startswith("differs"):
                print(f"{file.name} {name}: {verdict}")
    print(dict(total))
    counts = {
        "same": total["same"],
        "differs": sum(count for word, count in total.items() if word.startswith("differs")),
    }
    (after / "same.json").write_text(json.dumps(counts), encoding="utf-8")


def _compared(oracle: Any, before: Path, after: Path) -> dict[str, str]:
    tables = [oracle.cases(str(one)) for one in (before, after)]
    found = {}
    for number, (one, other) in enumerate(zip(*tables, strict=True)):
        given = _ran(one)
        verdict = _verdict(given, _ran(other))
        found[f"{one[0].__name__} {number}"] = verdict if _verdict(given, _ran(one)) in ("same", "fails") else "random"
    return found


def _ran(case: Any) -> list[Any]:
    """Return the names of a module's state and what it gives, or only what it raised."""
    try:
        return list(_run(case))
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def _run(case: Any) -> Iterator[Any]:
    import numpy as np
    import torch

    torch.use_deterministic_algorithms(True, warn_only=True)  # also fills what `torch.empty` leaves as it is
    cls, init, inputs, _ = case
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    arguments, keywords = init()
    module = cls(*arguments, **keywords).eval()
    yield list(module.state_dict())
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    given, named = inputs()
    with torch.no_grad():
        yield module(*given, **named)


def _verdict(one: list[Any], other: list[Any]) -> str:
    if len(one) == 1:
        return "fails"  # in eager mode already
    if len(other) == 1:
        return f"differs: {other[0]}"
    if one[0] != other[0]:
        return "differs in the names of its state"
    return "same" if _equal(one[1], other[1]) else "differs in what it gives"


def _equal(one: Any, other: Any) -> bool:
    import torch

    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return bool(
            one.shape == other.shape and one.dtype == other.dtype and torch.allclose(one, other, equal_nan=True)
        )
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if hasattr(one, "__dict__") and not callable(one):  # each file has a class of its own
        return type(one).__qualname__ == type(other).__qualname__ and _equal(vars(one), vars(other))
    return type(one) is type(other) or callable(one)


def main() -> None:
    """Run the command line."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    command, *paths = (one for one in sys.argv[1:] if not one.startswith("--"))
    match command:
        case "apply":
            apply(Path(paths[0]), Path(paths[1]), "--unsafe-fixes" in sys.argv)
        case "proof":
            names = Path(paths[1]).read_text(encoding="utf-8").split() if len(paths) > 1 else None
            proof(Path(paths[0]), ["--unsafe-fixes"] if "--unsafe-fixes" in sys.argv else [], names)
        case "same":
            same(*map(Path, paths))
        case "table":
            table(*map(Path, paths))


if __name__ == "__main__":
    main()
