"""From a job to a live object and its inputs.

The file is imported under the name that Python would give it, so that its own imports work. While it is imported, calls
of torch.jit.script and torch.jit.trace in it are watched: where the job is one of these calls, the object that it is
given is the one to ask about, and a refusal of another call is left to the job that asks about that one.
"""

from __future__ import annotations

import builtins
import difflib
import importlib
import importlib.util
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType, ModuleType

    from scriptlint.confirm.child.job import Speaker

TREE = 2000  # submodules of an object that are listed


class Failed(Exception):
    """Nothing could be built; `facts` says in which stage, why and where."""

    def __init__(self, stage: str, error: str, message: str, place: list[Any] | None = None) -> None:
        super().__init__(message)
        self.facts = {"stage": stage, "error": error, "message": message[:2000], "place": place}


class Refused(Exception):
    """The compiler refused while the object was built, as it does for a ScriptModule."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(refusal["message"])
        self.refusal = refusal


@dataclass
class Inputs:
    """The arguments of a call."""

    arguments: tuple[Any, ...]
    keywords: dict[str, Any]


@dataclass
class Built:
    """The object; `kind` is module, function or class, `names` the scope that a class is compiled in."""

    object: Any
    kind: str
    names: dict[str, Any]
    inputs: Inputs | None = None
    options: dict[str, Any] = field(default_factory=dict)
    guessed: list[str] = field(default_factory=list)

    def call(self, compiler: Callable[[Any], Any]) -> Any:
        """Return what `compiler` makes of the object; the compiler resolves a class's names where it is called."""
        return eval("compiler__(object__)", self.names, {"compiler__": compiler, "object__": self.object})


class _Found(BaseException):
    """The watched call was reached."""

    def __init__(self, given: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        super().__init__("found")
        self.given, self.arguments, self.keywords = given, arguments, keywords


def build(job: dict[str, Any], speaker: Speaker) -> Built:
    """Import and build; raises Failed, and Refused where building compiles."""
    speaker.stage("import")
    names: dict[str, Any] = {}
    found = None
    with _during("import", job):
        try:
            names = _load(job)
        except _Found as reached:
            found = reached
            names = vars(sys.modules[job["import_as"]]) if job["import_as"] in sys.modules else reached.__dict__
    speaker.stage("build")
    if job["call"] is not None:
        if found is None:
            raise Failed("build", "NotReached", "importing the file does not reach this call")
        built = _from_call(found, names)
    else:
        with _during("build", job):
            built = _from_expression(job, names)
    if job["inputs"] is not None:
        with _during("inputs", job):
            built.inputs = _as_inputs(_evaluate(job["inputs"], names))
    if built.kind == "module":
        _check(built.object)
    if built.inputs is None and job["guess"] and not job["alone"] and built.kind != "class":
        from scriptlint.confirm.child import guessing

        built.inputs = guessing.inputs(built)
    speaker.part("built", _described(built, job["tree"]))
    return built


@contextmanager
def _during(stage: str, job: dict[str, Any]) -> Iterator[None]:
    """Makes a Failed of whatever user code raises, with the place in the user's code."""
    try:
        yield
    except (Failed, Refused):
        raise
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        from scriptlint.confirm.child import scripting

        compiler = os.path.join("torch", "jit") + os.sep
        if isinstance(error, Exception) and any(compiler in one.filename for one in frames):
            raise Refused(scripting.refused(error)) from None
        theirs = [one for one in frames if os.path.dirname(one.filename) != os.path.dirname(__file__)]
        own = [one for one in theirs if one.filename == job["file"]] or theirs[-1:]
        place = [own[-1].filename, own[-1].lineno] if own else None
        words = said(error)
        if isinstance(error, SyntaxError) and error.filename:
            place, words = [error.filename, error.lineno], error.msg
        raise Failed(stage, type(error).__name__, words, place) from None


def said(error: BaseException) -> str:
    """Return the words of an error, which may itself be user code."""
    try:
        return str(error).strip() or type(error).__name__
    except Exception:
        return "an error that cannot be printed"


def _load(job: dict[str, Any]) -> dict[str, Any]:
    """Return the names of the module that the job is about."""
    sys.path[:0] = [one for one in job["paths"] if one not in sys.path]
    with _watched(job):
        if job["file"] is None:
            return vars(importlib.import_module(job["import_as"]))
        return vars(_import_file(job["file"], job["import_as"]))


def _import_file(path: str, name: str) -> ModuleType:
    parent = name.rpartition(".")[0]
    if parent:
        importlib.import_module(parent)
    # A file of one's own may be called like a module that is imported already.
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == path:
        return known
    alias = name if known is None else f"{name}_"
    spec = importlib.util.spec_from_file_location(alias, path)
    if spec is None or spec.loader is None:
        raise Failed("import", "ImportError", "Python does not import a file of this name")
    module = importlib.util.module_from_spec(spec)
    sys.modules[alias] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def _watched(job: dict[str, Any]) -> Iterator[None]:
    import torch

    kept = {name: getattr(torch.jit, name) for name in ("script", "trace", "trace_module")}
    for name, function in kept.items():
        setattr(torch.jit, name, _watching(name, function, job))
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(torch.jit, name, function)


def _watching(name: str, function: Callable[..., Any], job: dict[str, Any]) -> Callable[..., Any]:
    call = job["call"]

    def watched(obj: Any = None, *arguments: Any, **keywords: Any) -> Any:
        caller = _caller()
        here = caller.f_code.co_filename == job["file"]
        if obj is None:
            obj = keywords.pop("obj", keywords.pop("func", keywords.pop("mod", None)))
        if here and call is not None and call["rows"][0] <= caller.f_lineno <= call["rows"][1]:
            raise _Found(obj, arguments, keywords)
        if name == "script" and "_rcb" not in keywords and inspect.isclass(obj):
            # A class is resolved where it is compiled, which is not here.
            scope = {"script__": function, "object__": obj}
            try:
                return eval("script__(object__)", caller.f_globals, {**caller.f_locals, **scope})
            except Exception:
                return obj
        try:
            return function(obj, *arguments, **keywords)
        except Exception:
            if not here:
                raise
            return obj

    return watched


def _caller() -> FrameType:
    """Return the frame that calls the function which asks; torch.compile puts functions of its own between."""
    frame = sys._getframe(2)
    while frame.f_back is not None and f"torch{os.sep}_dynamo{os.sep}" in frame.f_code.co_filename:
        frame = frame.f_back
    return frame


def _from_call(found: _Found, names: dict[str, Any]) -> Built:
    built = _of(found.given, names)
    arguments, keywords = list(found.arguments), dict(found.keywords)
    example = keywords.pop("example_inputs", arguments[0] if arguments else None)
    by_name = keywords.pop("example_kwarg_inputs", None)
    if by_name is not None:
        built.inputs = Inputs((), dict(by_name))
    elif isinstance(example, dict) and set(example) == {"forward"}:  # trace_module
        built.inputs = _as_inputs(example["forward"])
    elif example is not None and not callable(example):
        built.inputs = _as_inputs(example)
    built.options = {name: keywords[name] for name in ("strict",) if name in keywords}
    return built


def _from_expression(job: dict[str, Any], names: dict[str, Any]) -> Built:
    value = _evaluate(job["make"], names)
    guessed: list[str] = []
    import torch

    makes = inspect.isclass(value) and issubclass(value, torch.nn.Module)
    if makes or (job["factory"] and inspect.isroutine(value)):
        value, guessed = _called(value, job["guess"])
    built = _of(value, names)
    built.guessed = guessed
    return built


def _evaluate(expression: str, names: dict[str, Any]) -> Any:
    """Return the value of an expression in the scope of the file, to which torch and nn are added if it lacks them."""
    import torch

    scope = {"torch": torch, "nn": torch.nn, **names}
    missing = re.match(r"\w+", expression.strip())
    if names and missing and missing[0].isidentifier() and missing[0] not in scope and missing[0] not in vars(builtins):
        close = difflib.get_close_matches(missing[0], names, 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise Failed("build", "NoName", f"`{missing[0]}` is not defined there{hint}")
    return eval(compile(expression.strip(), "<confirm>", "eval"), scope)


def _called(maker: Any, guess: bool) -> tuple[Any, list[str]]:
    """Return what a class or a factory makes without arguments, or with guessed ones if that is allowed."""
    try:
        parameters = list(inspect.signature(maker).parameters.values())
    except (TypeError, ValueError):
        return maker(), []
    missing = [
        one.name
        for one in parameters
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    if not missing:
        return maker(), []
    if not guess:
        raise Failed("build", "MissingArguments", ", ".join(missing))
    from scriptlint.confirm.child import guessing

    return guessing.called(maker, [one for one in parameters if one.name in missing])


def _of(value: Any, names: dict[str, Any]) -> Built:
    import torch

    if isinstance(value, torch.nn.Module):
        return Built(value, "module", names)
    value = getattr(value, "__original_fn", value)  # torch.jit.script_if_tracing compiles what it wraps
    if inspect.isfunction(value) or inspect.ismethod(value) or isinstance(value, torch.jit.ScriptFunction):
        return Built(value, "function", names)
    if inspect.isclass(value):
        return Built(value, "class", names)
    what = "Python module" if inspect.ismodule(value) else type(value).__name__
    raise Failed("build", "NoModule", f"it is a {what}: only an nn.Module, a function or a class can be compiled")


def _as_inputs(value: Any) -> Inputs:
    if isinstance(value, dict):
        return Inputs((), value)
    return Inputs(tuple(value), {}) if isinstance(value, (tuple, list)) else Inputs((value,), {})


def _check(module: Any) -> None:
    import torch

    if not hasattr(module, "_modules"):
        raise Failed("build", "NoModule", "its constructor never calls that of nn.Module")
    if isinstance(module, torch.nn.modules.lazy.LazyModuleMixin) and module.has_uninitialized_params():
        raise Failed("build", "Uninitialized", "its parameters are made by a first call, which nobody made")


def _described(built: Built, tree: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "kind": built.kind,
        "name": type(built.object).__qualname__
        if built.kind == "module"
        else getattr(built.object, "__qualname__", ""),
        "guessed": built.guessed,
        "inputs": None if built.inputs is None else _shapes(built.inputs),
    }
    if tree and built.kind == "module":
        described["tree"] = [_node(name, one) for name, one in list(built.object.named_modules())[:TREE]]
    return described


def _node(name: str, module: Any) -> dict[str, Any]:
    forward = inspect.unwrap(getattr(type(module), "forward", None) or _Found)
    code = getattr(forward, "__code__", None)
    return {
        "name": name,
        "class": type(module).__qualname__,
        "file": getattr(code, "co_filename", None),
        "row": getattr(code, "co_firstlineno", None),
        "parameters": sum(one.numel() for one in module.parameters(recurse=False)),
        "extra": _extra(module),
    }


def _extra(module: Any) -> str:
    try:
        return re.sub(r"\s+", " ", module.extra_repr())[:120]
    except Exception:
        return ""


def _shapes(inputs: Inputs) -> str:
    import torch

    def shown(value: Any) -> str:
        if isinstance(value, torch.Tensor):
            return f"{str(value.dtype).replace('torch.', '')}{list(value.shape)}"
        if isinstance(value, (tuple, list)):
            return f"({', '.join(map(shown, value))})"
        return repr(value)[:60]

    named = [f"{name}={shown(value)}" for name, value in inputs.keywords.items()]
    return ", ".join([*map(shown, inputs.arguments), *named])
