"""What `scriptlint confirm` says of files of real projects, as their users would ask: where scriptlint and torch disagree.

    python benchmarks/confirm_projects.py SHARED GENERATED WORK [--preload FILE] [--docs] [--answered]

GENERATED is ParityBench's folder, of whose files 200 are asked about that the labels in the folder SHARED name. One half is
asked with `--guess` alone; the other half with settings too, which say how each object is built and what it is given. What
is installed nowhere is a stand-in (see `standins`). Answers are kept in the folder WORK, so that a run can be resumed.
`--preload` is a Python file that is executed first (where torchvision has no binary, its operators must be declared);
`--docs` writes the tables into docs/confirm.md; `--answered` takes the answers that are there and asks nothing.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from sections import CONFIRM, table, write

from scriptlint.diag.messages import cut, read

HERE = Path(__file__).resolve().parent
FILES = 200
LIMIT = 900  # seconds for a file
# Verdicts on what hangs on a stand-in say nothing about scriptlint.
HANGS_ON_A_STAND_IN = re.compile(r"\bMock|MagicMock|weak reference|mock", re.I)

_VERDICTS = ("ok", "blocked", "depends", "unknown")
_CONFIRMATIONS = ("confirmed", "refuted", "not reached")


def chosen(shared: Path) -> list[str]:
    """Return the names of the files, the same on every machine."""
    with gzip.open(shared / "parity" / "labels-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        names = {json.loads(line)["file"] for line in lines}
    return sorted(names, key=lambda name: hashlib.sha1(name.encode()).hexdigest())[:FILES]


def environment(work: Path) -> Path:
    """Return an environment like this one in which what is not installed is a stand-in."""
    made = work / "environment"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = made / "lib" / version / "site-packages"
    shutil.rmtree(made, ignore_errors=True)
    packages.parent.mkdir(parents=True)
    packages.symlink_to(Path(sys.prefix, "lib", version, "site-packages"))
    first = made / "first"
    first.mkdir()
    shutil.copy(HERE / "standins.py", first / "sitecustomize.py")
    python = made / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nPYTHONPATH={first} exec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return made


def settings(path: Path) -> str:
    """Return how the objects of a file are built, and what they are given, as its table of cases says."""
    lines = ["[confirm]"]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "TESTCASES"
    ]
    told: set[str] = set()
    for case in tables[-1].elts if tables and isinstance(tables[-1], ast.List) else ():
        assert isinstance(case, ast.Tuple)
        name = ast.unparse(case.elts[0])
        make = f"{name}({_arguments(case.elts[1])})"
        inputs = case.elts[2]
        assert isinstance(inputs, ast.Lambda)
        assert isinstance(inputs.body, ast.Tuple)
        positional, named = inputs.body.elts
        given = ast.unparse(positional if not ast.unparse(named).strip("{}") else named)
        if name not in told:
            told.add(name)
            lines.append(
                f"{json.dumps(f'{path.stem}:{name}')} = {{ make = {json.dumps(make)}, inputs = {json.dumps(given)} }}"
            )
    return "\n".join(lines) + "\n"


def _arguments(made: ast.expr) -> str:
    assert isinstance(made, ast.Lambda)
    assert isinstance(made.body, ast.Tuple)
    positional, named = made.body.elts
    assert isinstance(positional, ast.List)
    assert isinstance(named, ast.Dict)
    texts = [ast.unparse(one) for one in positional.elts]
    texts += [
        f"{ast.literal_eval(key)}={ast.unparse(value)}"
        for key, value in zip(named.keys, named.values, strict=True)
        if key is not None
    ]
    return ", ".join(texts)


def asked(file: Path, folder: Path, python: Path, preload: str | None, *, told: bool) -> str:
    """Return what confirm prints of a file that lies in a folder of its own; `told` says how its objects are built."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder)
    (folder / "scriptlint.toml").write_text(settings(file) if told else "", encoding="utf-8")
    command = [sys.executable, "-m", "scriptlint", "confirm", "--no-cache", "--python", str(python), "--guess"]
    command += ["--timeout", "30", "--jobs", "1", "--output-format", "json", file.name]
    given = {**os.environ, **({"SCRIPTLINT_PRELOAD": preload} if preload else {})}
    try:
        done = subprocess.run(
            command, cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return json.dumps({"trouble": f"no answer in {LIMIT} s"})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return done.stdout or json.dumps({"trouble": done.stderr[-400:]})


def counted(answers: list[dict[str, Any]]) -> list[list[object]]:
    """Files, objects and findings."""
    modules = [module for answer in answers for module in answer.get("modules", ())]
    built = [module for module in modules if module["skipped"] is None]
    verdicts = Counter(
        (one["target"], one["confirmed"])
        for answer in answers
        for one in answer.get("findings", ())
        if one["code"] != "SL902"
    )
    told = Counter(
        (module["static"], module["script"]["message"] is None) for module in built if module["script"]["units"]
    )
    rows: list[list[object]] = [
        ["files", len(answers)],
        ["files without an answer in time", sum("trouble" in answer for answer in answers)],
        ["objects", len(modules)],
        ["objects that could be built", len(built)],
        ["built objects that were also run and traced", sum(module["inputs"] is not None for module in built)],
    ]
    for fate, compiles in (("compiles", True), ("refuses", False)):
        rows += [[f"torch {fate}, scriptlint says `{one}`", told[one, compiles]] for one in _VERDICTS]
    for target in ("script", "trace"):
        rows += [[f"findings about {target}: {one}", verdicts[target, one]] for one in _CONFIRMATIONS]
    return rows


def disagreements(answers: list[dict[str, Any]]) -> Counter[tuple[str, bool]]:
    """Return what scriptlint and torch see differently, by kind, and whether the mistake is scriptlint's."""
    found: Counter[tuple[str, bool]] = Counter()
    for module in (module for answer in answers for module in answer.get("modules", ())):
        refusal = " ".join(read(module["script"]["message"] or "").words.split())
        for said in dict.fromkeys(module["disagreements"]):
            if "is refuted" in said:
                found[said, True] += 1
            elif HANGS_ON_A_STAND_IN.search(refusal):
                found["torch refuses a stand-in", False] += 1
            else:
                found[f"torch refuses what is called `ok`: {_shape(refusal)}", True] += 1
    return found


def _shape(words: str) -> str:
    return cut(re.sub(r"'[^']*'", "'...'", re.sub(r"0x\w+|/[\w./-]+", "...", words)), 80).replace("|", " ")


def main() -> None:
    """Ask about every file that has no answer yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("generated", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--preload")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--answered", action="store_true", help="count the answers that are there, and ask nothing")
    given = parser.parse_args()
    work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    python = work / "environment" / "bin" / "python" if given.answered else environment(work) / "bin" / "python"
    answers = []
    for number, name in enumerate(chosen(given.shared)):
        kept = work / f"{name}.json"
        if not kept.exists() and not given.answered:
            answer = asked(given.generated / name, work / "asked", python, given.preload, told=number % 2 == 1)
            kept.write_text(answer, encoding="utf-8")
        if kept.exists():
            answers.append(json.loads(kept.read_text(encoding="utf-8")))
    kinds = disagreements(answers)
    every = [[kind, count, "yes" if ours else "no"] for (kind, ours), count in kinds.most_common()]
    text = table(["", "count"], counted(answers))
    text += f"\nDisagreements, by kind:\n\n{table(['', 'objects', 'a mistake of scriptlint'], every)}"
    print(text)
    if given.docs:
        write(CONFIRM, "projects", text)


if __name__ == "__main__":
    main()
