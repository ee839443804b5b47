"""The process that has imported torch: reads jobs as JSON lines, forks, writes verdicts as JSON lines.

A job is `{"folder", "files": {name: text}, "main": name, "limit": seconds}`. It runs as a script of its own
(`python server.py`), never imported by the tests.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import select
import signal
import sys
import time
import traceback
import warnings

NOTHING = {"error": None, "message": "", "line": None, "column": None, "statement": None, "warnings": []}
TORCH = os.path.dirname(importlib.util.find_spec("torch").origin)


def normalised(text: str, folder: str) -> str:
    """The text without what differs from machine to machine and from run to run."""
    text = text.replace(folder + os.sep, "").replace(TORCH, "<torch>").replace(os.path.dirname(TORCH), "<site>")
    text = re.sub(re.escape(os.path.dirname(os.__file__)), "<python>", text)
    return re.sub(r"0x[0-9a-f]{4,}", "0x...", text)


def run(folder: str, main: str) -> dict[str, object]:
    """Imports the program; what it raised and where, in its own file, is the verdict."""
    path = os.path.join(folder, main)
    caught: list[warnings.WarningMessage] = []
    sys.path.insert(0, folder)
    name = main.removesuffix(".py")
    try:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            spec.loader.exec_module(module)
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [one.lineno for one in frames if one.filename == path]
        raised = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
        message = normalised(str(error), folder)
        inside = re.search(rf'File "{re.escape(main)}", line (\d+)', message)
        return {
            "verdict": "refused",
            "error": type(error).__name__,
            "message": message,
            "line": int(inside.group(1)) if inside else None,
            "column": column(message, main),
            "statement": raised or (lines[-1] if lines else None),
            "warnings": tracer(caught, folder),
        }
    return {**NOTHING, "verdict": "ok", "warnings": tracer(caught, folder)}


def column(message: str, main: str) -> int | None:
    """The column (from 1) at which the first report in the program underlines, None where it does not."""
    _, _, report = message.partition(f'File "{main}", line ')
    report = report.partition("  File ")[0]
    marked = re.search(r"^( *)~+", report, re.M)
    return len(marked.group(1)) + 1 if marked else None


def tracer(caught: list[warnings.WarningMessage], folder: str) -> list[str]:
    """What tracing warned of, each sentence once."""
    said = [f"TracerWarning: {one.message}" for one in caught if one.category.__name__ == "TracerWarning"]
    return list(dict.fromkeys(normalised(one, folder) for one in said))


def in_child(job: dict[str, object]) -> dict[str, object]:
    """Runs a job in a forked child and waits for it no longer than its limit."""
    folder = str(job["folder"])
    os.makedirs(folder, exist_ok=True)
    for name, text in job["files"].items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    receive, send = os.pipe()
    output = os.path.join(folder, "output.txt")
    child = os.fork()
    if child == 0:
        os.close(receive)
        quiet = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            with os.fdopen(send, "w") as stream:
                stream.write(json.dumps(run(folder, str(job["main"]))))
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(0)
    os.close(send)
    deadline = time.monotonic() + float(job["limit"])
    answer = b""
    late = False
    while True:
        ready, _, _ = select.select([receive], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            late = True
            os.kill(child, signal.SIGKILL)
            break
        part = os.read(receive, 65536)
        if not part:
            break
        answer += part
    os.close(receive)
    _, status = os.waitpid(child, 0)
    try:
        verdict = json.loads(answer)
    except ValueError:
        word = "timeout" if late else "crash"
        reason = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {status}"
        verdict = {**NOTHING, "verdict": word, "message": reason}
    with open(output, encoding="utf-8", errors="replace") as file:
        verdict["output"] = normalised(file.read(), folder)
    return verdict


def main() -> None:
    """Answers jobs until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # torch prints where it likes; answers go their own way
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import torch

    torch.set_num_threads(1)
    answers.write(json.dumps({"torch": torch.__version__}) + "\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps(in_child(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
