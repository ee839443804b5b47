"""The questions to torch.jit.trace: what does it warn of, and does the trace still do what the model does?"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from scriptlint.confirm.child import comparing, solving
from scriptlint.confirm.child.building import Built
from scriptlint.confirm.child.scripting import refused

MODE = "training mode"
NOTHING: dict[str, Any] = {
    "eager": None,
    "refusal": None,
    "relaxed": False,
    "warnings": [],
    "executed": {},
    "divergences": [],
    "tried": [],
}


def ask(built: Built, job: dict[str, Any], part: Callable[[str, Any], None]) -> None:
    """Traces in evaluation mode, as models are exported, and answers `trace`.

    `warnings` are those of the tracer, hidden ones too, each with the place in the user's code; `executed` the watched
    rows that ran while tracing; `divergences` the variations on which the trace does something else than the model.
    `relaxed` says that a container was refused, and traced with `strict=False` all the same.
    """
    import torch

    if built.kind == "module":
        built.object.eval()
    runner = comparing.Runner(built)
    eager = runner(built.object)
    if eager.error is not None:
        part("trace", {**NOTHING, "eager": eager.error})
        return
    seen: list[dict[str, Any]] = []
    executed: dict[str, list[int]] = {}
    refusal = None
    traced: Any = None
    with _listening(seen), _noting(job["watch"], executed):
        try:
            traced = _trace(built)
        except Exception as error:
            refusal = refused(error)
    if refusal is not None and "strict=False" in refusal["message"] and "strict" not in built.options:
        # What stands behind the first refusal is reached without it.
        built.options["strict"] = False
        with contextlib.suppress(Exception), _listening(seen), _noting(job["watch"], executed):
            traced = _trace(built)
    relaxed = traced is not None and refusal is not None
    answer = {**NOTHING, "refusal": refusal, "relaxed": relaxed, "warnings": seen, "executed": executed}
    answer.update(divergences=[], tried=[])
    part("trace", answer)
    if traced is None:
        return
    if comparing.difference(eager.value, runner(built.object).value) is not None:
        answer["random"] = True
        part("trace", answer)
        return
    _diverging(built, traced, runner, answer)
    if not answer["divergences"] and any(executed.values()):
        _solving(built, traced, runner, answer, job["watch"])
    if built.kind == "module" and isinstance(built.object, torch.nn.Module):
        built.object.train()
        with contextlib.suppress(Exception):
            traced.train()
        _compare(MODE, built, traced, runner, built.inputs, True, answer)
    part("trace", answer)


def _trace(built: Built) -> Any:
    import torch

    assert built.inputs is not None
    given = comparing.copied(built.inputs)
    options = {"check_trace": False, **built.options}
    if given.keywords:
        return torch.jit.trace(built.object, example_kwarg_inputs=given.keywords, **options)
    return torch.jit.trace(built.object, given.arguments, **options)


def _diverging(built: Built, traced: Any, runner: comparing.Runner, answer: dict[str, Any]) -> None:
    assert built.inputs is not None
    _compare("the example itself", built, traced, runner, built.inputs, True, answer)
    varied = comparing.variations(built.inputs)
    while True:
        try:
            name, inputs, same_shape = next(varied)
        except StopIteration:
            return
        except Exception:
            continue
        _compare(name, built, traced, runner, inputs, same_shape, answer)


def _solving(
    built: Built, traced: Any, runner: comparing.Runner, answer: dict[str, Any], watch: dict[str, list[list[int]]]
) -> None:
    """Compare on inputs that the watched code asks for, until one shows a difference."""
    for text, inputs, same_shape in solving.solutions(built, watch):
        _compare(text, built, traced, runner, inputs, same_shape, answer)
        if answer["divergences"]:
            return


def _compare(
    name: str,
    built: Built,
    traced: Any,
    runner: comparing.Runner,
    inputs: Any,
    same_shape: bool,
    answer: dict[str, Any],
) -> None:
    expected = runner(built.object, inputs)
    if expected.error is not None and not same_shape:
        return  # a shape that the model does not take says nothing
    found = runner(traced, inputs)
    if expected.error is not None and found.error is not None:
        return
    answer["tried"].append(name)
    if expected.error is not None:
        detail = f"the model raises {expected.error}, and the trace does not"
    elif found.error is not None:
        detail = f"the trace raises {found.error}"
    else:
        differs = comparing.difference(expected.value, found.value)
        if differs is None:
            return
        detail = f"they give different results: {differs}"
    answer["divergences"].append({"on": name, "detail": detail[:300]})


@contextlib.contextmanager
def _listening(seen: list[dict[str, Any]]) -> Iterator[None]:
    """Notes every TracerWarning, also those that torch's own filter hides, at the innermost place outside of torch."""
    import torch

    torch_folder = os.path.dirname(torch.__file__) + os.sep

    def note(message: Any, category: Any, filename: str, lineno: int, *_: object) -> None:
        if not issubclass(category, torch.jit.TracerWarning):
            return
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and (
            frame.f_code.co_filename.startswith(torch_folder)
            or frame.f_code.co_filename == warnings.__file__
            or frame.f_code.co_filename == __file__
        ):
            frame = frame.f_back
        # Layers and functionals decide by sizes, harmlessly as a rule; what Tensor's methods do is asked for by the caller.
        inside = filename.startswith(os.path.join(torch_folder, "nn")) and filename
        own = "scriptlint" not in (frame.f_globals.get("__name__", "") if frame is not None else "scriptlint")
        if frame is not None and own:
            filename, lineno = frame.f_code.co_filename, frame.f_lineno
        entry = {
            "message": " ".join(str(message).split())[:300],
            "file": filename,
            "row": lineno,
            "inside": inside or None,
        }
        if entry not in seen:
            seen.append(entry)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note  # type: ignore[assignment]
        yield


@contextlib.contextmanager
def _noting(watch: dict[str, list[list[int]]], executed: dict[str, list[int]]) -> Iterator[None]:
    """Notes which of the watched rows run; only code that holds one of them is slowed down."""
    if not watch:
        yield
        return
    rows = {file: {row for first, last in spans for row in range(first, last + 1)} for file, spans in watch.items()}
    found: dict[str, set[int]] = {file: set() for file in rows}

    def lines(frame: Any, event: str, _: Any) -> Any:
        if event == "line" and frame.f_lineno in rows[frame.f_code.co_filename]:
            found[frame.f_code.co_filename].add(frame.f_lineno)
        return lines

    def calls(frame: Any, event: str, argument: Any) -> Any:
        return lines if frame.f_code.co_filename in rows else None

    before = sys.gettrace()
    sys.settrace(calls)
    try:
        yield
    finally:
        sys.settrace(before)
        executed.update({file: sorted(here) for file, here in found.items()})
