"""One program in a process of its own: it is imported, and what that raises is the verdict.

The processes are those of `scriptlint confirm`, which forks them, keeps them within limits and ends what they leave
(`scriptlint/confirm/child/zygote.py`). A job is `{"folder", "main"}`, the program's folder and the name of its file.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import traceback
import warnings
from typing import Any

from scriptlint.confirm.child.job import Speaker


def judge(job: dict[str, Any], report: int) -> None:
    """Does a job and reports the part `verdict`."""
    speaker = Speaker(report)
    speaker.stage("program")
    speaker.part("verdict", imported(job["folder"], job["main"]))
    speaker.done()


def imported(folder: str, main: str) -> dict[str, object]:
    """What importing the program raised, and where in its own file."""
    path = os.path.join(folder, main)
    caught: list[warnings.WarningMessage] = []
    sys.path.insert(0, folder)
    name = main.removesuffix(".py")
    error = None
    try:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            spec.loader.exec_module(module)
    except BaseException as raised:
        error = raised
    verdict = {"error": None, "message": "", "line": None, "column": None, "statement": None}
    if error is not None:
        verdict = refused(error, folder, main)
    said = [f"TracerWarning: {one.message}" for one in caught if one.category.__name__ == "TracerWarning"]
    told = list(dict.fromkeys(normalised(one, folder) for one in said))
    return {"verdict": "ok" if error is None else "refused", **verdict, "warnings": told}


def refused(error: BaseException, folder: str, main: str) -> dict[str, object]:
    """An error as the tests want it."""
    path = os.path.join(folder, main)
    lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == path]
    raised = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    message = normalised(str(error), folder)
    inside = re.search(rf'File "{re.escape(main)}", line (\d+)', message)
    return {
        "error": type(error).__name__,
        "message": message,
        "line": int(inside.group(1)) if inside else None,
        "column": column(message, main),
        "statement": raised or (lines[-1] if lines else None),
    }


def normalised(text: str, folder: str) -> str:
    """The text without what differs from machine to machine and from run to run."""
    import torch

    site = os.path.dirname(torch.__file__)
    text = text.replace(folder + os.sep, "").replace(site, "<torch>").replace(os.path.dirname(site), "<site>")
    text = re.sub(re.escape(os.path.dirname(os.__file__)), "<python>", text)
    # Where two graphs differ is told from lines that have the paths of the machine in them.
    text = re.sub(
        r"^(\t(?:(?:Graph|Node) diff|(?:Trace|Check) source location):\n)(?:\t\t.*(?:\n|$))+",
        r"\1\t\t...\n",
        text,
        flags=re.M,
    )
    # The C++ frames under an internal error are those of the machine.
    text = re.sub(
        r"^(?:Exception raised from .*|frame #\d+: .*|<omitting python frames>)(?:\n|$)", "", text, flags=re.M
    )
    return re.sub(r"0x[0-9a-f]{4,}", "0x...", text)


def column(message: str, main: str) -> int | None:
    """The column (from 1) at which the first report in the program underlines, None where it does not.

    Nor where the fault is in another file: what is underlined then is the statement around the call that leads there.
    """
    before, _, report = message.partition(f'File "{main}", line ')
    if '  File "' in before:
        return None
    report = report.partition("  File ")[0]
    marked = re.search(r"^( *)~+", report, re.M)
    return len(marked.group(1)) + 1 if marked else None


if __name__ == "__main__":
    from scriptlint.confirm.child import nursery

    nursery.launch(judge)
