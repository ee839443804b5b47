"""How often `scriptlint confirm` says what is recorded, and what it costs beside a bare script that forks and compiles.

    python benchmarks/confirm.py agreement SHARED LABELS [--misses]   the pages, the probes in the folder SHARED, and layers
    python benchmarks/confirm.py cost FILE...                         ratios within one run

LABELS is what `benchmarks/zoo.py label torch LABELS` has written. `--docs` writes the figures into docs/confirm.md.

The bare script imports a file once per module, in a forked process, builds the module and calls torch.jit.script.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sections import CONFIRM, ROOT, table, write

from scriptlint.diag import Target
from scriptlint.diag.messages import read
from scriptlint.diag.pages import pages
from scriptlint.engine.registry import all_rules


@dataclass
class Case:
    """A program and what is recorded of it: `words` are those of the refusal, None where it is accepted."""

    name: str
    kind: str
    program: str
    words: str | None


def page_cases() -> Iterator[Case]:
    """The examples of rules about scripting that end in a refusal of the compiler, or in none."""
    sys.path.insert(0, str(ROOT))
    from tests import dialect

    rules = all_rules()
    for code, path in pages().items():
        if rules[code].target is not Target.SCRIPT:
            continue
        document = dialect.read(path)
        for section in document.sections[1:3]:
            for number, program in enumerate(section.programs()):
                said = document.words_after(program)
                if "torch.jit.script" in program.text and code[:4] != "SL71":
                    yield Case(f"{code} {section.title} {number}", "page", program.text, said)


def script_probes(shared: Path) -> Iterator[Case]:
    """The programs that were given to torch.jit.script."""
    with open(shared / "spec" / "probes-script.jsonl", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            if one.get("stage") in ("import", "crash"):
                continue
            before = "" if re.search(r"^import torch$", one["source"], re.M) else "import torch\n"
            text = f"{before}{one['source'].rstrip()}\n\n\ntorch.jit.script({_entry(one)})\n"
            yield Case(one["id"], "script", text, None if one["ok"] else one["message"])


def trace_probes(shared: Path) -> Iterator[Case]:
    """The programs that were given to torch.jit.trace; the words are those of its warnings or of its error."""
    with open(shared / "spec" / "probes-trace.jsonl", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            if one.get("before_trace") or one.get("trace_kwargs"):
                continue
            text = f"{one['source'].rstrip()}\n\n\ntorch.jit.trace({_entry(one)}, {one['example_inputs_expr']})\n"
            yield Case(one["id"], "trace", text, one["error"])


def _entry(probe: dict[str, Any]) -> str:
    is_class = re.search(rf"^class {re.escape(probe['entry'])}\b", probe["source"], re.M)
    return f"{probe['entry']}()" if is_class else str(probe["entry"])


def agreement(shared: Path, labels: Path, misses: bool, docs: bool) -> None:
    """Prints how many verdicts are the recorded ones, and on demand those that are not."""
    groups = {"pages": page_cases(), "script probes": script_probes(shared), "trace probes": trace_probes(shared)}
    rows: list[list[object]] = []
    for title, cases in groups.items():
        every = list(cases)
        answers = confirmed([one.program for one in every])
        right = words = 0
        for one, found in zip(every, answers, strict=True):
            refusal = _refusal(found, "trace" if one.kind == "trace" else "script")
            same = found is not None and (refusal is None) == (one.words is None)
            right += same
            words += same and (refusal is None or _first(one.words or "") in _flat(refusal))
            if misses and not same:
                said = found and [(item["skipped"], item["script"]["verdict"], item["notes"]) for item in found]
                print(
                    f"    {one.name}: recorded {_first(one.words or 'ok')!r}, found {said} {_flat(refusal or '')[:80]}"
                )
        rows.append([title, len(every), right, f"{100 * right / len(every):.2f} %", words])
        print(*rows[-1], flush=True)
    rows.append(layers(labels, misses))
    print(*rows[-1])
    if docs:
        titles = ["", "programs", "verdict as recorded", "share", "in the recorded words"]
        write(CONFIRM, "agreement", table(titles, rows))


def layers(labels: Path, misses: bool) -> list[object]:
    """How often confirm says of a layer of torch.nn what is recorded."""
    with open(labels, encoding="utf-8") as lines:
        known = {f"{row['module']}:{row['expression']}": row for row in map(json.loads, lines)}
    known = {target: row for target, row in known.items() if row["module"].startswith("torch.nn.modules.")}
    found = {one["target"]: _refusal([one], "script") for one in asked(list(known), os.getcwd())}
    right = words = 0
    for target, row in known.items():
        said = found.get(target, "no answer")
        same = (said is None) == row["ok"]
        right += same
        words += same and (said is None or _first(row["message"].replace(" | ", "\n")) in _flat(said))
        if misses and not same:
            print(f"    {target}: recorded {row.get('message', 'ok')!r}, found {_flat(said or 'ok')[:120]}")
    return ["layers of torch.nn", len(known), right, f"{100 * right / len(known):.2f} %", words]


def confirmed(programs: list[str]) -> list[list[dict[str, Any]]]:
    """What confirm says of the objects of each program."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(programs):
            Path(folder, f"case_{number}.py").write_text(text, encoding="utf-8")
        found: dict[str, list[dict[str, Any]]] = {}
        for one in asked(["."], folder):
            found.setdefault(os.path.basename(one["filename"]), []).append(one)
    return [found.get(f"case_{number}.py", []) for number in range(len(programs))]


def asked(targets: list[str], folder: str) -> list[dict[str, Any]]:
    """What confirm says of the objects that the targets name."""
    command = [sys.executable, "-m", "scriptlint", "confirm", "--isolated", "--no-cache", "--python", sys.executable]
    done = subprocess.run(
        [*command, "--output-format", "json", *targets], cwd=folder, capture_output=True, text=True, check=False
    )
    if not done.stdout:
        sys.exit(done.stderr)
    modules: list[dict[str, Any]] = json.loads(done.stdout)["modules"]
    return modules


def _refusal(found: list[dict[str, Any]], kind: str) -> str | None:
    """The words of the first refusal among the objects of a program, None if all are accepted."""
    for one in found:
        if kind == "script" and one["skipped"] is None and not one["script"]["verdict"]:
            continue  # a call of torch.jit.trace
        if kind == "script" and one["script"]["message"] is not None:
            return f"{one['script']['error']}: {one['script']['message']}"
        if kind == "script" and one["script"]["verdict"] not in (
            "compiles",
            "compiles, runs the same",
            "compiles, differs",
        ):
            save = (one["script"]["save"] or {}).get("refusal")
            if save is None:
                return f"{one['script']['verdict']} {one['skipped']} {one['notes']}"
        if kind == "trace" and one["trace"]["refusal"] is not None:
            return f"{one['trace']['refusal']['error']}: {one['trace']['refusal']['message']}"
    return None


def _flat(text: str) -> str:
    return " ".join(text.split())


def _first(words: str) -> str:
    """The beginning of a message, without the type of its error and what differs from run to run."""
    flat = _flat(read(words).words)
    return re.split(r"0x|<|/|'__torch__", re.sub(r"^\w+Error: ", "", flat))[0][:60].strip()


BARE = """
import importlib.util, json, os, sys
import torch
torch.set_num_threads(1)
for path, makes in json.loads(sys.argv[1]).items():
    for make in makes:
        child = os.fork()
        if child == 0:
            try:
                sys.path.insert(0, os.path.dirname(path))
                spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
                module = importlib.util.module_from_spec(spec)
                sys.modules[spec.name] = module
                spec.loader.exec_module(module)
                torch.jit.script(eval(make, vars(module)))
            except BaseException:
                pass
            os._exit(0)
        os.waitpid(child, 0)
"""


def cost(files: list[str], docs: bool) -> None:
    """Prints the ratio of confirm to the bare script on the objects that confirm builds."""
    base = [
        sys.executable,
        "-m",
        "scriptlint",
        "confirm",
        "--isolated",
        "--target",
        "script",
        "--python",
        sys.executable,
    ]
    base += ["--output-format", "json", "--jobs", "1"]
    done = subprocess.run([*base, *files], capture_output=True, text=True, check=False)
    makes: dict[str, list[str]] = {}
    targets = []
    for one in json.loads(done.stdout)["modules"]:
        if one["skipped"] is None and one["arguments"] == "defaults":
            targets.append(one["target"])
            makes.setdefault(one["filename"], []).append(f"{one['target'].partition('::')[2]}()")
    bare = _seconds([sys.executable, "-c", BARE, json.dumps(makes)])
    print(f"{len(targets)} objects; the bare script takes {bare / len(targets) * 1000:.0f} ms for each")
    rows: list[list[object]] = []
    for title, extra in (("the first refusal of each object", ["--first"]), ("everything", [])):
        rows.append([title, len(targets), f"{_seconds([*base, *extra, *targets]) / bare:.2f}"])
        print(*rows[-1])
    if docs:
        write(CONFIRM, "cost", table(["asked for", "objects", "times the bare script"], rows))


def _seconds(command: list[str]) -> float:
    """The processor time that a command and everything it starts takes, which does not hang on what else is running."""
    best = float("inf")
    for _ in range(3):
        before = os.times()
        subprocess.run(command, capture_output=True, check=False)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        best = min(best, used)
    return best


def main() -> None:
    """Measures what the first argument names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["agreement", "cost"])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--docs", action="store_true")
    given = parser.parse_args()
    if given.what == "agreement":
        agreement(Path(given.paths[0]), Path(given.paths[1]), given.misses, given.docs)
    else:
        cost(given.paths, given.docs)


if __name__ == "__main__":
    main()
