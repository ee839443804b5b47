"""How often scriptlint agrees with the real compiler: writes docs/accuracy.md.

    python benchmarks/accuracy.py SHARED [--site-packages FOLDER] [--parity FOLDER] [--zoo FILE...] [--only TITLE]
        [--jobs N] [--output FILE]

SHARED is the folder with the labels, the probes and the scripts that score them. `--site-packages` holds the packages whose
functions are labelled, `--parity` is the folder `generated` of ParityBench, `--zoo` names what `benchmarks/zoo.py label`
wrote, one file per package. What is not given is not measured, and its section is kept as it stands, as are all but that of
`--only`. Nothing that is written depends on the machine or the day.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from scriptlint.diag import messages
from scriptlint.engine.registry import all_rules
from scriptlint.torchlib import load
from scriptlint.version import __version__

ROOT = Path(__file__).resolve().parent.parent
KINDS_SHOWN = 15
# The groups of probes that ask about functions; the others ask about objects.
OBJECTS = ("attr", "module", "order", "prop", "meta")
# What each figure should reach, by a part of its label.
FUNCTION_GOALS = {
    "accepted, blocked": "at most 0.5 %",
    "accepted, unknown": "at most 4 %",
    "refused, ok": "at most 4 %",
    "first error": "at least 93 %",
}
INSTANCE_GOALS = {
    "accepted, blocked": "at most 0.5 %",
    "accepted, depends or unknown": "at most 5 %",
    "refused, ok": "at most 4 %",
    "refused, blocked": "at least 85 %",
    "first error": "at least 90 %",
    "lines with a TracerWarning": "at least 97 %",
}
CLASS_GOALS = {"accepted, blocked": "at most 0.5 %", "refused, ok": "at most 4 %"}
ZOO_GOALS = {"accepted, blocked": "none"}
PROBE_GOALS = {
    "refused by the compiler": "at least 97 %",
    "compiler's own line": "at least 97 %",
    "accepted by the compiler": "at least 99.5 %",
    "cannot be saved": "at least 90 %",
}
TRACE_GOALS = {
    "and reported": "at least 95 %",
    "torch itself is silent": "at least 92 %",
    "lines with a TracerWarning": "at least 98 %",
    "and silent": "at least 97 %",
}
Row = tuple[str, int, int]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--site-packages", type=Path)
    parser.add_argument("--parity", type=Path)
    parser.add_argument(
        "--zoo", type=Path, nargs="*", default=[], help="what `zoo.py label` wrote, one file per package"
    )
    parser.add_argument("--only", help="the heading of the one section to measure")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "accuracy.md")
    given = parser.parse_args()
    before = sections(given.output.read_text("utf-8")) if given.output.exists() else {}
    score = Scripts(given.shared, given.jobs)
    makers: dict[str, Callable[[], list[str]] | None] = {
        "Functions": score.functions(given.site_packages),
        "Objects": score.modules(given.parity, "instance", INSTANCE_GOALS),
        "Classes": score.modules(given.parity, "class", CLASS_GOALS),
        "Packages": score.zoo(given.zoo),
        "Programs that are scripted": score.script_probes,
        "Programs that are traced": score.trace_probes,
        "Modules whose trace torch does not warn of": score.silent_traces(given.parity),
        "From the compiler's words to the rule": score.words,
        "Repositories": None,  # by benchmarks/repositories.py
    }
    text = introduction()
    for title, make in makers.items():
        measured = make if given.only in (None, title) else None
        body = measured() if measured is not None else before.get(title)
        if body is not None:
            text += [f"## {title}", "", *body, ""]
    given.output.write_text("\n".join(text).rstrip() + "\n", "utf-8")
    return 0


def sections(text: str) -> dict[str, list[str]]:
    """Return what stands below each heading now."""
    parts = re.split(r"^## (.+)\n", text, flags=re.M)
    return {title: body.strip("\n").split("\n") for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def introduction() -> list[str]:
    """Return what this is, and of what."""
    return [
        "# Accuracy",
        "",
        "How often scriptlint agrees with the real compiler. `benchmarks/accuracy.py` writes this file; the labels are what",
        f"torch 2.13.0 did with each case in a process of its own. Judged by scriptlint {__version__} for torch"
        f" {load().version},",
        f"under Python {platform.python_version()}.",
        "",
    ]


class Scripts:
    """The scripts in the shared folder, run over this checkout."""

    def __init__(self, shared: Path, jobs: int) -> None:
        self.shared = shared.resolve()
        self.jobs = jobs
        self.scriptlint = shlex.join([sys.executable, "-m", "scriptlint"])
        self.probes = self.shared / "spec" / "probes-script.jsonl"
        os.environ["PYTHONPATH"] = str(ROOT)

    def run(self, script: str, *args: object) -> str:
        """Return what a script prints."""
        command = [sys.executable, str(self.shared / script), *map(str, args), "--scriptlint", self.scriptlint]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0 or not done.stdout:
            raise SystemExit(f"{script} failed: {done.stdout[-600:]}")
        return done.stdout

    def functions(self, folder: Path | None) -> Callable[[], list[str]] | None:
        """Return the labelled functions of packages."""
        if folder is None:
            return None
        lead = "Every function that torch.nn.functional, torch.functional, torch.nn.init and kornia define, by itself."
        labels = self.shared / "parity" / "functions-dev.jsonl.gz"
        return lambda: [lead, "", *verdicts(self.parity(labels, folder), FUNCTION_GOALS)]

    def modules(self, folder: Path | None, by: str, goals: dict[str, str]) -> Callable[[], list[str]] | None:
        """Return the labelled modules of ParityBench."""
        if folder is None:
            return None
        lead = {
            "instance": "Every module of ParityBench, built as its project builds it.",
            "class": "Every module class of ParityBench, whatever it is built with.",
        }[by]
        labels = self.shared / "parity" / "labels-dev.jsonl.gz"
        return lambda: [lead, "", *verdicts(self.parity(labels, folder, "--by", by), goals)]

    def zoo(self, labelled: list[Path]) -> Callable[[], list[str]] | None:
        """Return the layers and factories of packages, as benchmarks/zoo.py labelled them; the files are called as the packages."""
        if not labelled:
            return None
        lead = "Layers, constructed in several ways, and models, made by their factories, each scripted in a process of its own."

        def scored() -> list[str]:
            lines = [lead, ""]
            for path in labelled:
                command = [sys.executable, str(ROOT / "benchmarks" / "zoo.py"), "score", str(path.resolve())]
                said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
                rows = [(f"{path.stem}: {' '.join(label.split())}", hits, of) for label, hits, of in shares(said)]
                lines += [*table(rows, ZOO_GOALS), ""]
            return lines[:-1]

        return scored

    def parity(self, labels: Path, folder: Path, *more: str) -> str:
        """Return what the script that scores verdicts prints."""
        return self.run("parity/score.py", labels, folder.resolve(), *more, "--misses", "--jobs", self.jobs)

    def script_probes(self) -> list[str]:
        """Return the probes of torch.jit.script: those about functions, then all of them."""
        lines = ["Small programs that end in `torch.jit.script(...)`.", ""]
        with tempfile.TemporaryDirectory() as folder:
            functions = Path(folder, "functions.jsonl")
            kept = [one for one in self._probes() if one["id"].partition("/")[0] not in OBJECTS]
            functions.write_text("".join(json.dumps(one) + "\n" for one in kept), "utf-8")
            for title, probes in (("about functions", functions), ("all", self.probes)):
                said = self.run("spec/score.py", "script", probes, "--misses")
                rows = [(f"{label} ({title})", hits, of) for label, hits, of in shares(said)]
                lines += [*table(rows, PROBE_GOALS), ""]
        return [*lines, *groups(said, self.probes)]

    def trace_probes(self) -> list[str]:
        """Return the probes of torch.jit.trace."""
        probes = self.shared / "spec" / "probes-trace.jsonl"
        said = self.run("spec/score.py", "trace", probes, "--misses")
        return [
            "Small programs that end in `torch.jit.trace(...)`.",
            "",
            *table(shares(said), TRACE_GOALS),
            "",
            *groups(said, probes),
        ]

    def silent_traces(self, folder: Path | None) -> Callable[[], list[str]] | None:
        """Return what scriptlint says of the modules of ParityBench that torch traces without a word."""
        if folder is None:
            return None
        return lambda: self._silent_traces(folder.resolve())

    def _silent_traces(self, folder: Path) -> list[str]:
        score = self.module("parity/score.py")
        rows = score.read(str(self.shared / "parity" / "labels-dev.jsonl.gz"))
        silent = [one for one in rows if score.usable(one) and _is_silent(one.get("trace"))]
        made = {name: score.expressions(folder / name) for name in {one["file"] for one in silent}}
        targets = list(dict.fromkeys(f"{one['file']}::{made[one['file']][one['case']]}" for one in silent))
        modules: list[dict[str, Any]] = []
        for start in range(0, len(targets), 100):
            modules += score.ask(self.scriptlint, folder, targets[start : start + 100])[1] or []
        verdicts = Counter(one["trace"]["verdict"] for one in modules)
        hazards = [
            {found["code"] for found in one["trace"]["hazards"]}
            for one in modules
            if one["trace"]["verdict"] != "faithful"
        ]
        codes = Counter(code for found in hazards for code in found)
        rules = all_rules()
        return [
            "Modules of ParityBench, built as their projects build them, that `torch.jit.trace` takes without a warning.",
            "",
            *table((f"said to be {name}", count, len(modules)) for name, count in verdicts.most_common()),
            "",
            "Those that are not said to be faithful, by rule (some have several):",
            "",
            *table((f"{code} {rules[code].name}", count, len(modules)) for code, count in codes.most_common()),
        ]

    def module(self, script: str) -> ModuleType:
        """Return a script of the shared folder, for the functions in it."""
        spec = importlib.util.spec_from_file_location("score", self.shared / script)
        assert spec is not None
        assert spec.loader is not None
        found: ModuleType = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
        return found

    def words(self) -> list[str]:
        """`explain --message`, given what the compiler said to each refused probe."""
        score = self.module("spec/score.py")
        refused = [one for one in self._probes() if not one["ok"] and one["message"]]
        for number, one in enumerate(refused):
            one["file"] = f"probe_{number:04d}.py"
        found = score.lint(self.scriptlint, {one["file"]: score.call(one, "script") for one in refused})
        counts: Counter[str] = Counter()
        for one in refused:
            rules = [rule.code for rule in messages.matching(messages.read(one["message"]), all_rules().values())]
            reported = {finding["code"] for finding in found[one["file"]] if finding["severity"] == "error"}
            there = {
                finding["code"] for finding in found[one["file"]] if finding["location"]["row"] == one["line"]
            } & reported
            first = next((code for code in rules if code in there), rules[0] if rules else "")
            counts["known"] += bool(rules)
            counts["reported"] += bool(reported)
            counts["any"] += bool(reported.intersection(rules))
            counts["blind"] += bool(rules) and rules[0] in reported
            counts["placed"] += first in reported
        return [
            "What the compiler said to each refused program, given to `scriptlint explain --message`.",
            "",
            *table(
                (
                    ("some rule has these words", counts["known"], len(refused)),
                    ("scriptlint reports a rule with these words", counts["any"], counts["reported"]),
                    (
                        "the page shown is of a rule it reports, told by the words alone",
                        counts["blind"],
                        counts["reported"],
                    ),
                    ("the same, where the file is there to be linted", counts["placed"], counts["reported"]),
                )
            ),
        ]

    def _probes(self) -> list[dict[str, Any]]:
        return [one for one in _read(self.probes) if one.get("stage") not in ("import", "crash")]


def _is_silent(trace: dict[str, Any] | None) -> bool:
    return trace is not None and trace["ok"] and not trace["warnings"]


def _read(probes: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in probes.read_text("utf-8").splitlines()]


def verdicts(said: str, goals: dict[str, str]) -> list[str]:
    """Return the table of a run of parity/score.py, and what is wrong by kind."""
    lead = re.search(r"^(\d+) modules of (\d+) files.*broke the tool: (\d+)", said, re.M)
    assert lead is not None, said[:400]
    rows: list[Row] = []
    for truth, of, body in re.findall(r"^the compiler (accepts|refuses) (\d+);.*\n((?:    .*\n)+)", said, re.M):
        counts = {name: int(count) for name, count in re.findall(r"^    (\w+)\s+(\d+)", body, re.M)}
        word = {"accepts": "accepted", "refuses": "refused"}[truth]
        rows += [(f"{word}, {name}", count, int(of)) for name, count in counts.items() if count or name != "absent"]
        both = f"{word}, depends or unknown"
        rows += [(both, counts["depends"] + counts["unknown"], int(of))] * (both in goals)
    for label, hits, of in re.findall(r"^(first error .*|lines with .*?): (\d+) of (\d+)", said, re.M):
        if int(of):
            rows.append((label, int(hits), int(of)))
    kinds = re.findall(r"^ *(\d+)  (.+)\n(?=        )", said, re.M)
    alarms = re.search(r"^false alarms: (\d+)\n((?:        .*\n)*)", said, re.M)
    codes = Counter(re.findall(r"\[\('(SL\d+)'", alarms[2])) if alarms else Counter[str]()
    lines = [f"{lead[1]} cases of {lead[2]} files; {lead[3]} of them broke the tool.", "", *table(rows, goals), ""]
    if kinds:
        lines += ["What is missed, or not found at its line, by the compiler's message:", ""]
        lines += [f"- {count}: `{_timeless(kind)}`" for count, kind in kinds[:KINDS_SHOWN]]
        rest = sum(int(count) for count, _ in kinds[KINDS_SHOWN:])
        lines += [f"- {rest}: others, of {len(kinds) - KINDS_SHOWN} kinds"] * (rest > 0)
    if codes:
        lines += [
            "",
            "False alarms by rule: " + ", ".join(f"{code} {count}" for code, count in codes.most_common()) + ".",
        ]
    return lines


def _timeless(kind: str) -> str:
    """Return a message without what changes from run to run, and without what would end the code that it is shown as."""
    return re.sub(r"0x[0-9a-f]+", "0x...", kind.strip()).replace("`", "'")


def shares(said: str) -> Iterator[Row]:
    """Yield the lines of spec/score.py that hold a figure."""
    for label, hits, of in re.findall(r"^(.+?) +(\d+) of +(\d+)  ", said, re.M):
        if int(of):
            yield label.strip(), int(hits), int(of)


def groups(said: str, probes: Path) -> list[str]:
    """Return how many probes of each group are missed or alarm falsely: their category, else the first part of their names."""
    of = {one["id"]: one.get("category") or one["id"].partition("/")[0] for one in _read(probes)}
    lines = []
    for mark, words in (("MISSED", "Missed"), ("FALSE ALARM", "False alarms")):
        counts = Counter(of[name] for name in re.findall(rf"^{mark} (\S+)", said, re.M))
        if counts:
            listed = ", ".join(f"{group} {count}" for group, count in counts.most_common())
            lines += [f"{words} by group: {listed}.", ""]
    return lines[:-1]


def table(rows: Iterable[Row], goals: dict[str, str] | None = None) -> list[str]:
    """Figures as a Markdown table; the last column is there if something is wanted."""
    lines = [
        "| | count | of | share |" + (" wanted |" if goals else ""),
        "|---|---:|---:|---:|" + ("---|" if goals else ""),
    ]
    for label, hits, of in rows:
        share = f"{100 * hits / max(of, 1):.1f} %"
        wanted = next((goal for part, goal in goals.items() if part in label), "") if goals else ""
        lines.append(f"| {label} | {hits} | {of} | {share} |" + (f" {wanted} |" if goals else ""))
    return lines


if __name__ == "__main__":
    sys.exit(main())
