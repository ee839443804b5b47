"""How often `scriptlint modules` agrees with the real compiler about the layers and models of whole packages.

    python benchmarks/zoo.py label torch|torchvision|timm OUT.jsonl [--preload FILE] [--every N]
    python benchmarks/zoo.py whole OUT.jsonl [PACKAGE...] [--preload FILE]
    python benchmarks/zoo.py score LABELS.jsonl... [--misses]

`label` builds every nn.Module class of a package with plausible arguments, and whole models by their factories, and gives
each to torch.jit.script in a process of its own. A row of what it writes is a file, an expression in the scope of that
file, and what the compiler said. `whole` asks the compiler and the tracer about the models of `whole_models.py`, of the
packages of it that are installed or of those named; `score` then tells of the traces as well. `--preload` is a Python file that is executed before the package is imported (where
torchvision has no binary, its operators must be declared), `--every` takes one factory in N.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import json
import os
import pkgutil
import re
import runpy
import select
import signal
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

LIMIT = 120
VARIANTS = 5
WORKERS = 2
# The text of an argument by the name of its parameter; then by what its annotation mentions.
BY_NAME = {
    "kernel_size": "3",
    "output_size": "2",
    "nhead": "2",
    "num_heads": "2",
    "num_groups": "2",
    "num_layers": "2",
    "num_convs": "2",
    "upscale_factor": "2",
    "downscale_factor": "2",
    "dim": "8",
    "padding": "1",
    "cutoffs": "[2]",
    "unflattened_size": "(2, 2)",
    "dim_feedforward": "8",
    "zero_point": "0",
    "qconfig": "None",
    "mode": "'LSTM'",
    "padding_mode": "'zeros'",
    "p": "0.5",
    "mean": "[0.5]",
    "std": "[0.5]",
    "degrees": "10",
    "bits": "4",
    "sharpness_factor": "2.0",
    "threshold": "0.5",
    "window_size": "[2, 2]",
    "shift_size": "[0, 0]",
    "image_size": "32",
    "patch_size": "8",
    "featmap_names": "['0']",
    "in_channels_list": "[8, 8]",
    "encoder_layer": "TransformerEncoderLayer(4, 2, 8)",
    "decoder_layer": "TransformerDecoderLayer(4, 2, 8)",
    "norm_layer": "{nn}.BatchNorm2d",
    "conv_layer": "{nn}.Conv2d",
    "activation_layer": "{nn}.ReLU",
}
BY_ANNOTATION = {
    "Callable": "{nn}.BatchNorm2d",
    "Module": "{nn}.Identity()",
    "List[int]": "[8, 8]",
    "list[int]": "[8, 8]",
    "bool": "False",
    "float": "0.5",
    "int": "8",
}


# Cases: the name of a Python module and an expression in its scope


def packages(name: str) -> Iterator[ModuleType]:
    """Yield a package and everything in it that can be imported."""
    package = importlib.import_module(name)
    yield package
    for one in pkgutil.walk_packages(package.__path__, f"{name}.", onerror=lambda _: None):
        with contextlib.suppress(Exception):
            yield importlib.import_module(one.name)


def classes(name: str) -> Iterator[type]:
    """Yield the nn.Module classes that a package defines."""
    import torch

    if name != "torch":
        for _ in packages(name):
            pass
    found: set[type] = set()
    todo: list[type] = [torch.nn.Module]
    while todo:
        derived: type
        for derived in todo.pop().__subclasses__():
            if derived not in found:
                todo.append(derived)
                found.add(derived)
    for cls in sorted(found, key=lambda cls: (cls.__module__, cls.__qualname__)):
        module = sys.modules.get(cls.__module__)
        top = "." not in cls.__qualname__ and getattr(module, cls.__qualname__, None) is cls
        if top and cls.__module__.partition(".")[0] == name and getattr(module, "__file__", None):
            yield cls


def expressions(cls: type) -> Iterator[str]:
    """Yield how a class may be constructed: the plainest way, then with one argument turned over at a time."""
    scope = vars(sys.modules[cls.__module__])
    nn = "nn" if "nn" in scope else "torch.nn"
    parameters = list(inspect.signature(cls).parameters.values())
    given = {
        one.name: argument(one, nn)
        for one in parameters
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    }
    yield call(cls, given)
    for one in parameters:
        for other in alternatives(one):
            yield call(cls, {**given, one.name: other})


def call(cls: type, given: dict[str, str]) -> str:
    """Return the text of a construction."""
    return f"{cls.__name__}({', '.join(f'{name}={text}' for name, text in given.items())})"


def argument(parameter: inspect.Parameter, nn: str) -> str:
    """Return the text of a plausible argument."""
    if parameter.name in BY_NAME:
        return BY_NAME[parameter.name].format(nn=nn)
    annotation = "" if parameter.annotation is parameter.empty else str(parameter.annotation)
    text = next((text for word, text in BY_ANNOTATION.items() if word in annotation), None)
    return (text or ("{nn}.Linear(2, 2)" if parameter.name in ("module", "model") else "8")).format(nn=nn)


def alternatives(parameter: inspect.Parameter) -> list[str]:
    """Other arguments that may change what is held."""
    default = parameter.default
    if isinstance(default, bool):
        return [str(not default)]
    if isinstance(default, float):
        return ["0", "0.1"]
    if default is None and parameter.name not in ("device", "dtype", "size_average", "reduce"):
        return ["4"]
    return ["(3, 3)"] if parameter.name in ("kernel_size", "stride", "dilation") else []


def factories(name: str, every: int) -> Iterator[tuple[str, str]]:
    """Yield the models of a package by the functions that build them, without weights."""
    if name == "torchvision":
        models = importlib.import_module("torchvision.models")
        for one in models.list_models()[::every]:
            builder = models.get_model_builder(one)
            arguments = [
                "weights=None",
                *(["weights_backbone=None"] if "weights_backbone" in str(inspect.signature(builder)) else []),
            ]
            arguments += ["init_weights=False"] * (builder.__name__ in ("googlenet", "inception_v3"))
            yield inspect.unwrap(builder).__module__, f"{builder.__name__}({', '.join(arguments)})"
    if name == "timm":
        registry = importlib.import_module("timm.models")
        for one in registry.list_models()[::every]:
            yield registry.model_entrypoint(one).__module__, f"{one}()"


# The oracle


def build(module: str, expression: str) -> Any:
    """Return what an expression makes in the scope of a module that is imported."""
    return eval(expression, dict(vars(sys.modules[module])))


def buildable(cls: type) -> list[str]:
    """Return the first expressions that construct a class."""
    found = []
    for one in expressions(cls):
        with contextlib.suppress(Exception):
            build(cls.__module__, one)
            found.append(one)
        if not found or len(found) > VARIANTS:
            break
    return found


def scripted(module: str, expression: str) -> dict[str, Any]:
    """Return what torch.jit.script does with it."""
    import torch

    row: dict[str, Any] = {"module": module, "file": sys.modules[module].__file__, "expression": expression}
    try:
        built = build(module, expression)
    except Exception as error:
        return {**row, "built": f"{type(error).__name__}: {error}"[:300]}
    if not isinstance(built, torch.nn.Module):
        return {**row, "built": "it is no module"}
    try:
        torch.jit.script(built)
    except Exception as error:
        return {**row, "ok": False, "message": " | ".join(str(error).split("\n"))[:1500]}
    return {**row, "ok": True}


def traced(model: Any, inputs: list[str]) -> dict[str, Any]:
    """Return what torch.jit.trace does with a model, and the lines of which it warns."""
    import torch

    row: dict[str, Any] = {"ok": True}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            examples = tuple(eval(one, {"torch": torch}) for one in inputs)
            torch.jit.trace(model.eval(), examples, check_trace=False, strict=False)
        except Exception as error:
            row = {"ok": False, "message": f"{type(error).__name__}: {error}"[:300]}
    lines = [(one.filename, one.lineno) for one in caught if issubclass(one.category, torch.jit.TracerWarning)]
    of_torch = str(Path(torch.__file__).parent)
    row["warns"] = [list(one) for one in dict.fromkeys(lines) if not one[0].startswith(of_torch)]
    return row


def whole(module: str, expression: str, inputs: list[str]) -> dict[str, Any]:
    """Return what both compilers do with a model."""
    import torch

    row = scripted(module, expression)
    if "ok" in row and inputs:
        torch.manual_seed(0)
        row["trace"] = traced(build(module, expression), inputs)
    return row


def each(tasks: Iterable[Callable[[], Any]]) -> Iterator[Any]:
    """Yield what each task gives, computed in a process of its own; None for one that dies or takes too long."""
    running: dict[int, int] = {}
    for task in tasks:
        if len(running) >= WORKERS:
            yield from finished(running)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(LIMIT)
            os.close(reader)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            with contextlib.suppress(BaseException), os.fdopen(writer, "w") as answer:
                answer.write(json.dumps(task()))
            os._exit(0)
        os.close(writer)
        running[reader] = pid
    while running:
        yield from finished(running)


def finished(running: dict[int, int]) -> Iterator[Any]:
    """Yield the answers of those that are ready, at least of one."""
    for reader in select.select(list(running), [], [])[0]:
        with os.fdopen(reader) as stream:
            text = stream.read()
        os.waitpid(running.pop(reader), 0)
        yield json.loads(text) if text else None


def label(name: str, out: Path, preload: Path | None, every: int) -> None:
    """Write what the compiler says of every case."""
    kept = prepared(preload)
    assert kept != {}
    cases: list[tuple[str, str]] = []
    if name != "timm":
        found = list(classes(name))
        built = each(lambda cls=cls: (cls.__module__, buildable(cls)) for cls in found)  # type: ignore[misc]
        cases += [(answer[0], one) for answer in built if answer for one in answer[1]]
        print(f"{len(found)} classes, {len({(m, e.partition('(')[0]) for m, e in cases})} of them built")
    cases += factories(name, every)
    write(out, (lambda case=case: scripted(*case) for case in cases))  # type: ignore[misc]


def prepared(preload: Path | None) -> dict[str, Any] | None:
    """Make torch ready; return what `preload` declares, which lives as long as it is kept."""
    import torch

    kept = None if preload is None else runpy.run_path(str(preload))
    torch.set_num_threads(1)
    for one in dir(torch.nn.init):  # what the weights are changes nothing, and takes long
        if one.endswith("_") and not one.startswith("_"):
            setattr(torch.nn.init, one, lambda tensor, *_, **__: tensor)
    return kept


def write(out: Path, tasks: Iterable[Callable[[], Any]]) -> None:
    """Write the rows that tasks give."""
    with out.open("w", encoding="utf-8") as lines:
        for row in each(tasks):
            if row is not None:
                lines.write(json.dumps(row) + "\n")
                lines.flush()


def label_whole(out: Path, names: list[str], preload: Path | None) -> None:
    """Write what both compilers say of whole models."""
    from whole_models import MODELS

    kept = prepared(preload)
    assert kept != {}
    cases = []
    for name in names or MODELS:
        for module, expression, inputs in MODELS[name]:
            try:
                importlib.import_module(module)
            except Exception as error:
                print(f"{module} is left out: {error}")
                break
            cases.append((module, expression, inputs))
    write(out, (lambda case=case: whole(*case) for case in cases))  # type: ignore[misc]


# The score


def score(paths: list[Path], misses: bool) -> int:
    """Print how often scriptlint says the same; return the number of false alarms."""
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    rows = [one for one in rows if "ok" in one]
    counts: Counter[tuple[bool, str]] = Counter()
    listed = []
    traces: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for part in (rows[at : at + 100] for at in range(0, len(rows), 100)):
        targets = [f"{one['file']}::{one['expression']}" for one in part]
        command = [sys.executable, "-m", "scriptlint", "modules", *targets, "--output-format", "json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        for row, answer in zip(part, json.loads(done.stdout)["modules"], strict=True):
            verdict = answer["script"]["verdict"]
            counts[row["ok"], verdict] += 1
            if "trace" in row:
                traces.append((row["trace"], answer["trace"]))
            if verdict != ("ok" if row["ok"] else "blocked"):
                listed.append((row, verdict, answer["script"]))
    for accepted, word in ((True, "accepted"), (False, "refused")):
        of = sum(count for (ok, _), count in counts.items() if ok is accepted)
        for verdict in ("ok", "blocked", "depends", "unknown"):
            count = counts[accepted, verdict]
            print(f"{word}, {verdict:8} {count:5} of {of:5}  {100 * count / max(of, 1):5.1f} %")
    print_traces(traces)
    for row, verdict, script in sorted(listed, key=lambda one: (one[0]["ok"], one[1])) if misses else ():
        print(f"{'accepted' if row['ok'] else 'refused'}, {verdict}: {row['file']}::{row['expression']}")
        if verdict == "unknown":
            print(f"    {', '.join(script['unseen'][:6])}")
        for one in script["blockers"][:3]:
            print(f"    {one['filename']}:{one['location']['row']} {one['code']} {one['message']} {one['when'] or ''}")
        if not row["ok"]:
            print(f"    {re.sub(' +', ' ', row['message'])[:400]}")
    return sum(count for (ok, verdict), count in counts.items() if ok and verdict == "blocked")


def print_traces(traces: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Print how many traces are decided, and how many of the lines that torch warns of are among the hazards."""
    made = [ours for real, ours in traces if real["ok"]]
    if made:
        decided = sum(one["verdict"] not in ("unknown", "depends") for one in made)
        print(f"traced, decided     {decided:5} of {len(made):5}  {100 * decided / len(made):5.1f} %")
    lines = [(tuple(line), ours) for real, ours in traces for line in real["warns"]]
    found = sum(line in {(h["filename"], h["location"]["row"]) for h in ours["hazards"]} for line, ours in lines)
    if lines:
        label = "lines with a TracerWarning among the hazards"
        print(f"{label} {found:5} of {len(lines):5}  {100 * found / len(lines):5.1f} %")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    labelling = commands.add_parser("label")
    labelling.add_argument("package", choices=("torch", "torchvision", "timm"))
    labelling.add_argument("out", type=Path)
    labelling.add_argument("--preload", type=Path)
    labelling.add_argument("--every", type=int, default=1)
    models = commands.add_parser("whole")
    models.add_argument("out", type=Path)
    models.add_argument("packages", nargs="*")
    models.add_argument("--preload", type=Path)
    scoring = commands.add_parser("score")
    scoring.add_argument("labels", type=Path, nargs="+")
    scoring.add_argument("--misses", action="store_true")
    given = parser.parse_args()
    if given.command == "label":
        label(given.package, given.out, given.preload, given.every)
        return 0
    if given.command == "whole":
        label_whole(given.out, given.packages, given.preload)
        return 0
    return int(score(given.labels, given.misses) > 0)


if __name__ == "__main__":
    sys.exit(main())
