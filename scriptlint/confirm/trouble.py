"""Why an object could not be built or asked about: one line with the reason, and what would help."""

from __future__ import annotations

import json
import re
import signal
from typing import Any

from scriptlint.confirm.plan import Job
from scriptlint.diag.messages import cut
from scriptlint.engine.paths import shown

_DOING = {"start": "starting", "import": "importing the file", "build": "building it", "inputs": "making its inputs"}
_HELP = (
    (r"CUDA|NVIDIA|cuda\b", "build it for the CPU"),
    (r"allocate memory|MemoryError|Cannot allocate", "raise the limit with --memory"),
    (r"URLError|gaierror|unreachable|name resolution|ConnectionError|Max retries", "allow it with --network"),
    (r"ModuleNotFoundError", "name the interpreter that has it with --python"),
)


def reason(job: Job, answer: dict[str, Any]) -> str | None:
    """Return why a job has no verdict, None where it has one."""
    failure = answer.get("failure")
    if failure is not None:
        return _failure(job, failure)
    if answer.get("rounds") or answer.get("trace") or answer.get("built"):
        return None
    if answer["end"] == "cannot run":
        return str(answer["reason"])
    what = _DOING.get(answer["stage"], answer["stage"])
    hints = {"timeout": "raise the limit with --timeout", "signal 9": "it may have run out of memory"}
    hint = hints.get(answer["end"])
    return f"{what} did not end well: {death(answer['end'])}" + (f"; {hint}" if hint else "")


def notes(answer: dict[str, Any]) -> list[str]:
    """Return what went wrong after it was built."""
    found = [
        f"{'compiling' if name == 'script crash' else 'tracing'} ended early: {death(answer[name])}"
        for name in ("script crash", "trace crash")
        if name in answer
    ]
    if answer["end"] != "done":
        found.append(f"it ended early, while it was at `{answer['stage']}`: {death(answer['end'])}")
    return found


def death(how: str) -> str:
    """Return how a process ended, in words."""
    kind, _, number = how.partition(" ")
    if kind == "signal" and number.isdigit():
        try:
            return f"killed by {signal.Signals(int(number)).name}"
        except ValueError:
            return f"killed by signal {number}"
    words = {
        "timeout": "it took longer than the limit",
        "processes": "it started more processes than it may",
        "flood": "it reported more than anybody wants to read",
        "zygote": "it ended the process that watched over it",
        "forged": "it wrote into the report about it",
        "exit 70": "it broke something of Python that the questions need",
    }
    return words.get(how, f"its process ended by itself, with code {number}" if kind == "exit" else how)


def _failure(job: Job, failure: dict[str, Any]) -> str:
    if failure["error"] == "MissingArguments":
        names = failure["message"].split(", ")
        name = job.setting.rpartition(":")[2]
        make = f"{name}({', '.join(f'{one}=...' for one in names)})"
        return f"it needs arguments: {', '.join(names)}{_recipe(job, make)}, or let them be guessed with --guess"
    words = cut(failure["message"], 200)
    if failure["error"] in ("NoModule", "NoName", "NotReached", "Uninitialized", "Guess"):
        return words if failure["error"] != "Guess" else f"{words}{_recipe(job, '...')}"
    place = failure.get("place")
    where = f" ({shown(place[0])}:{place[1]})" if place and place[0] and not place[0].startswith("<") else ""
    doing = _DOING[failure["stage"]]
    full = f"{failure['error']}: {words}" if words != failure["error"] else words
    for pattern, hint in _HELP:
        if re.search(pattern, full):
            return f"{doing} raises {full}{where}; {hint}"
    hint = "" if failure["stage"] == "import" else _recipe(job, "...", failure["stage"])
    return f"{doing} raises {full}{where}{hint}"


def _recipe(job: Job, make: str, stage: str = "build") -> str:
    """Return what to write into the settings; nothing for those who said themselves how it is built."""
    if stage == "build" and job.origin in ("the expression", "the settings"):
        return ""
    key = "inputs" if stage == "inputs" else "make"
    setting = f"{json.dumps(job.setting)} = {{ {key} = {json.dumps(make)} }}"
    return f"; say how under [tool.scriptlint.confirm]: {setting}"
