"""How often `scriptlint confirm` says what is recorded, and what it costs beside a bare script that forks and compiles.

    python benchmarks/confirm.py agreement SHARED LABELS [--misses]   the pages, the probes in the folder SHARED, and layers
    python benchmarks/confirm.py cost [GENERATED] [--preload FILE]    ratios within one run

LABELS is what `benchmarks/zoo.py label torch LABELS` has written. `--docs` writes the figures into docs/confirm.md.

The bare script imports torch, and for each object forks a process that imports its file, builds it and calls
torch.jit.script; as many at once as `--jobs` says, for both. What is measured are networks of torchvision, layers of
torch.nn, modules of kornia, and of ten files of GENERATED, ParityBench's folder. What is not installed is a stand-in, and
`--preload` is executed first (see `confirm_projects`), for both.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confirm_projects import environment
from sections import CONFIRM, ROOT, table, write

from scriptlint.diag import Target
from scriptlint.diag.messages import read
from scriptlint.diag.pages import pages
from scriptlint.engine.registry import all_rules

TURNS = 3
FILES = 10
MOST = 40  # objects of a set


@dataclass
class Case:
    """A program and what is recorded of it: `words` are those of the refusal, None where it is accepted."""

    name: str
    kind: str
    program: str
    words: str | None


def page_cases() -> Iterator[Case]:
    """Yield the examples of rules about scripting that end in a refusal of the compiler, or in none."""
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
    """Yield the programs that were given to torch.jit.script."""
    with open(shared / "spec" / "probes-script.jsonl", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            if one.get("stage") in ("import", "crash"):
                continue
            before = "" if re.search(r"^import torch$", one["source"], re.M) else "import torch\n"
            text = f"{before}{one['source'].rstrip()}\n\n\ntorch.jit.script({_entry(one)})\n"
            yield Case(one["id"], "script", text, None if one["ok"] else one["message"])


def trace_probes(shared: Path) -> Iterator[Case]:
    """Yield the programs that were given to torch.jit.trace; the words are those of its warnings or of its error."""
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
    """Print how many verdicts are the recorded ones, and on demand those that are not."""
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
    """Return how often confirm says of a layer of torch.nn what is recorded."""
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
    """Return what confirm says of the objects of each program."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(programs):
            Path(folder, f"case_{number}.py").write_text(text, encoding="utf-8")
        found: dict[str, list[dict[str, Any]]] = {}
        for one in asked(["."], folder):
            found.setdefault(os.path.basename(one["filename"]), []).append(one)
    return [found.get(f"case_{number}.py", []) for number in range(len(programs))]


def asked(targets: list[str], folder: str) -> list[dict[str, Any]]:
    """Return what confirm says of the objects that the targets name."""
    command = [sys.executable, "-m", "scriptlint", "confirm", "--isolated", "--no-cache", "--python", sys.executable]
    done = subprocess.run(
        [*command, "--output-format", "json", *targets], cwd=folder, capture_output=True, text=True, check=False
    )
    if not done.stdout:
        sys.exit(done.stderr)
    modules: list[dict[str, Any]] = json.loads(done.stdout)["modules"]
    return modules


def _refusal(found: list[dict[str, Any]], kind: str) -> str | None:
    """Return the words of the first refusal among the objects of a program, None if all are accepted."""
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
    """Return the beginning of a message, without the type of its error and what differs from run to run."""
    flat = _flat(read(words).words)
    return re.split(r"0x|<|/|'__torch__", re.sub(r"^\w+Error: ", "", flat))[0][:60].strip()


BARE = """
import importlib, json, os, sys
import torch
torch.set_num_threads(1)
jobs, given = json.loads(sys.argv[1])
running = 0
for folder, name, make in given:
    if running == jobs:
        os.wait()
        running -= 1
    running += 1
    if os.fork() == 0:
        how = 1
        try:
            sys.path.insert(0, folder)
            torch.jit.script(eval(make, vars(importlib.import_module(name))))
            how = 0
        except BaseException:
            pass
        os._exit(how)
while running:
    os.wait()
    running -= 1
"""
LAYERS = (
    "activation",
    "batchnorm",
    "conv",
    "distance",
    "dropout",
    "flatten",
    "fold",
    "loss",
    "padding",
    "pixelshuffle",
)
NETWORKS = (
    "resnet:resnet18()",
    "resnet:resnet50()",
    "resnet:resnext50_32x4d()",
    "vision_transformer:vit_b_16()",
    "swin_transformer:swin_t()",
    "efficientnet:efficientnet_b0()",
    "mobilenetv3:mobilenet_v3_large()",
    "densenet:densenet121()",
    "detection.faster_rcnn:fasterrcnn_mobilenet_v3_large_fpn(weights=None, weights_backbone=None)",
    "detection.rpn:RPNHead(256, 3)",
    "segmentation.deeplabv3:DeepLabHead(256, 21)",
    "video.resnet:r3d_18()",
)
KORNIA = ("losses/ssim.py", "losses/dice.py", "losses/focal.py", "losses/tversky.py", "losses/total_variation.py")
KORNIA += ("feature/hardnet.py", "feature/sosnet.py", "feature/tfeat.py", "filters/sobel.py", "filters/canny.py")
ASKED = (
    ("whether it compiles", ["--target", "script", "--compile-only"]),
    ("script, its first refusal; save, load", ["--target", "script", "--first"]),
    ("script, every refusal; save, load", ["--target", "script"]),
    ("and run and traced on guessed inputs", ["--guess"]),
)


def cost(generated: Path | None, docs: bool, jobs: int) -> None:
    """Print what confirm takes beside the bare script, for the same objects."""
    installed = _installed()
    folder = tempfile.TemporaryDirectory()
    python = str(environment(Path(folder.name)) / "bin" / "python")
    confirming = [*CONFIRMING, "--python", python]
    sets = {
        "torchvision: whole networks and parts of detectors": [f"torchvision.models.{one}" for one in NETWORKS],
        "torch.nn: layers": _built(confirming, [installed / "torch/nn/modules" / f"{one}.py" for one in LAYERS]),
        "kornia: losses, features, filters": _built(confirming, [installed / "kornia" / one for one in KORNIA]),
    }
    if generated is not None:
        names = sorted(one.name for one in generated.glob("test_*.py"))
        sets["ParityBench: ten files"] = _built(
            confirming, [generated / one for one in names[:: len(names) // FILES][:FILES]]
        )
    rows: list[list[object]] = []
    for title, targets in sets.items():
        bare = [python, "-c", BARE, json.dumps([jobs, [_imported(one) for one in targets]])]
        commands = {"": bare, **{name: [*confirming, "--jobs", str(jobs), *how, *targets] for name, how in ASKED}}
        found = _measured(commands)
        for name, _ in ASKED:
            wall, processor = (found[name][one] / found[""][one] for one in (0, 1))
            rows.append([title, len(targets), name, f"{wall:.2f}", f"{processor:.2f}"])
            print(*rows[-1], sep=" | ", flush=True)
        print(f"    the bare script takes {found[''][0]:.1f} s, {found[''][1]:.1f} s of a processor", flush=True)
    if docs:
        titles = ["", "objects", "asked for", "times the bare script's time", "times its processor time"]
        write(CONFIRM, "cost", table(titles, rows))


CONFIRMING = [sys.executable, "-m", "scriptlint", "confirm", "--isolated", "--no-cache"]
CONFIRMING += ["--output-format", "json"]


def _installed() -> Path:
    found = subprocess.run(
        [sys.executable, "-c", "import torch; print(torch.__path__[0])"], capture_output=True, text=True, check=True
    )
    return Path(found.stdout.strip()).parent


def _built(confirming: list[str], files: list[Path]) -> list[str]:
    """Targets for what confirm can build of these files without being told how."""
    command = [*confirming, "--target", "script", "--compile-only", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [
        f"{one['target']}()"
        for one in json.loads(done.stdout)["modules"]
        if one["skipped"] is None and one["arguments"] == "defaults"
    ][:MOST]


def _imported(target: str) -> tuple[str, str, str]:
    """Return the folder, the module and the expression of a target."""
    file, by_path, make = target.partition("::")
    if not by_path:
        name, _, make = target.partition(":")
        return "", name, make
    parts = [Path(file).stem]
    folder = Path(file).resolve().parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return str(folder), ".".join(parts), make


def _measured(commands: dict[str, list[str]]) -> dict[str, tuple[float, float]]:
    """Return the seconds that each command takes, and those of processor time with all that it starts: the least of some turns."""
    best = dict.fromkeys(commands, (float("inf"), float("inf")))
    for _ in range(TURNS):
        for name, command in commands.items():
            before, started = os.times(), time.monotonic()
            subprocess.run(command, capture_output=True, check=False)
            after, took = os.times(), time.monotonic() - started
            used = after.children_user + after.children_system - before.children_user - before.children_system
            best[name] = (min(best[name][0], took), min(best[name][1], used))
    return best


def main() -> None:
    """Measure what the first argument names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["agreement", "cost"])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--preload")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--docs", action="store_true")
    given = parser.parse_args()
    if given.preload:
        os.environ["SCRIPTLINT_PRELOAD"] = given.preload
    if given.what == "agreement":
        agreement(*given.paths, given.misses, given.docs)
    else:
        cost(given.paths[0] if given.paths else None, given.docs, given.jobs)


if __name__ == "__main__":
    main()
