"""The questions to torch.jit.script: does it compile, can it be saved and loaded, does it compute the same?"""

from __future__ import annotations

import io
import os
import traceback
from collections.abc import Callable
from typing import Any

from scriptlint.confirm.child import comparing
from scriptlint.confirm.child.building import Built, said
from scriptlint.confirm.child.units import Watch

LONGEST = 20_000  # characters of a message


def ask(built: Built, stubs: list[dict[str, Any]], part: Callable[[str, Any], None], *, further: bool) -> None:
    """Compiles with `stubs` out of the way and answers `round`; where it compiles and `further`, `save` and `run` too."""
    import torch

    script = torch.jit.script
    watch = Watch(stubs)
    refusal = None
    scripted = None
    with watch:
        try:
            scripted = built.call(script)
        except Exception as error:
            refusal = refused(error)
    failing = None
    if refusal is not None:
        failing = watch.failing(refusal["message"], last=refusal.pop("parsing"))
    part("round", {"refusal": refusal, "units": watch.units, "failing": failing})
    if refusal is None and further and built.kind != "class":
        part("save", _save(scripted))
        if built.inputs is not None:
            part("run", _run(built, scripted))


def refused(error: BaseException) -> dict[str, Any]:
    """Return an exception as data: its type, its words, the frames of other code than torch's, the innermost last.

    `parsing` says that it comes from the compiler's front end.
    """
    import torch

    stack = traceback.extract_tb(error.__traceback__)
    own = (os.path.dirname(torch.__file__), os.path.dirname(__file__), "<")
    return {
        "error": type(error).__name__,
        "message": said(error)[:LONGEST],
        "frames": [[one.filename, one.lineno or 0] for one in stack if not one.filename.startswith(own)][-20:],
        "parsing": any(one.name in ("parse_def", "get_jit_def") for one in stack),
    }


def _save(scripted: Any) -> dict[str, Any]:
    import torch

    buffer = io.BytesIO()
    try:
        torch.jit.save(scripted, buffer)
        buffer.seek(0)
        torch.jit.load(buffer)
    except Exception as error:
        return {"refusal": refused(error)}
    return {"refusal": None}


def _run(built: Built, scripted: Any) -> dict[str, Any]:
    """Run both; `eager` is how the original fails, `scripted` how the compiled one does, `differs` in what they do."""
    run = comparing.Runner(built)
    expected = run(built.object)
    if expected.error is not None:
        return {"eager": expected.error, "scripted": None, "differs": None}
    if comparing.difference(expected.value, run(built.object).value) is not None:
        return {"eager": None, "scripted": None, "differs": None, "random": True}
    found = run(scripted)
    if found.error is not None:
        return {"eager": None, "scripted": found.error, "differs": None}
    return {"eager": None, "scripted": None, "differs": comparing.difference(expected.value, found.value)}
