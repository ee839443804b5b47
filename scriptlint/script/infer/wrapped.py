"""The names of a function behind `functools.wraps`: its own source is compiled, with the names of its wrapper.

Twin: `createResolutionCallbackFromClosure` of torch/_jit_internal.py, which is given the wrapper, while the source that
`get_jit_def` of torch/jit/frontend.py takes is that of the wrapped function.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING

from scriptlint.program.decorators import Decorator, Effect, decoration
from scriptlint.program.module import BUILTINS, Function
from scriptlint.program.project import External, Project
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

LOST_NAME = refusal(
    code="SL219",
    name="name-lost-to-decorator",
    message="`{name}` is looked for in the file that defines `@{decorator}`, not in this one, and is not found there",
    help="{advice}",
    compiler="undefined value|is not defined on python value of type",
)

# The modules that the files of torch's own wrappers (torch/utils/_contextlib.py, torch/amp/autocast_mode.py,
# torch/_dynamo/eval_frame.py, and contextlib.py for the profiler's) import.
GRAD_MODES = ("torch.no_grad", "torch.enable_grad", "torch.inference_mode", "torch.set_grad_enabled")
AUTOCASTS = ("torch.autocast", "torch.amp.autocast", "torch.cuda.amp.autocast", "torch.cpu.amp.autocast")
_COMPILING = frozenset(
    "atexit config contextlib convert_frame distributed external_utils functools fx_traceback inspect itertools "
    "logging os pytree sympy sys sysconfig textwrap threading torch trace_rules traceback types unittest utils warnings "
    "weakref".split()
)
COMPILERS = ("torch.compile", "torch.compiler.disable", "torch._dynamo.disable")
PROFILERS = ("torch.profiler.record_function", "torch.autograd.profiler.record_function")
HOMES = {
    **dict.fromkeys(GRAD_MODES, frozenset({"functools", "inspect", "sys", "warnings"})),
    **dict.fromkeys(AUTOCASTS, frozenset({"collections", "functools", "warnings", "torch"})),
    **dict.fromkeys(COMPILERS, _COMPILING),
    **dict.fromkeys(PROFILERS, frozenset({"abc", "os", "sys"})),
}


def lost(unit: Unit, node: n.Name) -> bool:
    """Return True if a name from outside of the function is not what it is to Python, which is reported then."""
    function = unit.function
    decorator = _wrapper(function, unit.compiler.project)
    if decorator is None or node.id in BUILTINS or hasattr(typing, node.id):
        return False
    if not _missing(decorator, node.id, function, unit.compiler.project):
        return False
    text = " ".join(function.module.text(decorator.node).split())
    advice = "do inside the function what the decorator does, such as `with torch.no_grad():`"
    if decorator.name in COMPILERS:
        advice = "take the decorator off: it does nothing in what is scripted, and may stand on what calls it eagerly"
    unit.say(LOST_NAME, node, name=node.id, decorator=text, advice=advice)
    return True


def _wrapper(function: Function, project: Project) -> Decorator | None:
    """Return the decorator whose wrapper the compiler is given."""
    wrapping = (one for one in decoration(function, project).others if one.effect is Effect.WRAPS)
    return next((one for one in wrapping if not _is_disabled(one)), None)


def _is_disabled(decorator: Decorator) -> bool:
    """Return True for `torch.compile(disable=...)`, which may give the function itself."""
    keywords = decorator.node.keywords if isinstance(decorator.node, n.Call) else ()
    return decorator.name == "torch.compile" and any(one.arg == "disable" for one in keywords)


def _missing(decorator: Decorator, name: str, function: Function, project: Project) -> bool:
    home = decorator.symbol
    if isinstance(home, External):
        known = HOMES.get(home.name)
        return known is not None and name not in known
    if not isinstance(home, Function) or home.module is function.module:
        return False
    return project.lookup(name, home) is None and not home.module.scope.is_open
