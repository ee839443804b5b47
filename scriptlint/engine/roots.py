"""Where code gives something to torch.jit: what may hold such a root is executed, and the machine notes what it meets."""

from __future__ import annotations

import re

from scriptlint.evaluate.values import ClassValue, Compiled, FunctionValue, Instance, LambdaValue, Value
from scriptlint.instances.machine import Machine
from scriptlint.instances.roots import Compilation
from scriptlint.program.decorators import decoration
from scriptlint.program.module import ModuleInfo
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import dotted, walk

# The last names of calls that make roots, or that save and load what they make.
_CALLS = frozenset(
    "script trace trace_module freeze optimize_for_inference export save load script_if_tracing script_method".split()
)


def execute(module: ModuleInfo, machine: Machine) -> None:
    """Execute what may hold roots: the body of a file, its functions, and the methods of classes that are no modules."""
    if "jit" not in module.source.text and "onnx" not in module.source.text:
        return
    project = machine.project
    calls = _compiler_calls(module, machine)
    if calls:
        machine.run_module(module)
    for function in module.functions.values():
        marks = decoration(function, project)
        if marks.jit in ("script", "script_if_tracing") and function.owner is None:
            machine.compilations.append(Compilation("script", FunctionValue(function), function.node, module))
        elif function.outer is None and any(function.node.start <= at < function.node.end for at in calls):
            if function.owner is None:
                machine.run_function(function)
            else:
                machine.run_method(function, machine.default_instance(function.owner))
    for cls in module.classes.values():
        if decoration(cls, project).jit == "script":
            machine.compilations.append(Compilation("script", ClassValue(cls), cls.node, module))
        elif any(decoration(one, project).jit == "script_method" for one in cls.functions.values()):
            machine.compilations.append(Compilation("script", machine.default_instance(cls), cls.node, module))


def is_told(value: Value) -> bool:
    """Return True if it is known what a root compiles."""
    if isinstance(value, Compiled):
        return is_told(value.inner)
    return isinstance(value, (Instance, FunctionValue, ClassValue, LambdaValue))


def _compiler_calls(module: ModuleInfo, machine: Machine) -> list[int]:
    """Return where a file calls what compiles, saves or loads; what is decorated is found by its decorators."""
    names = set(_CALLS)
    for bound, bindings in module.scope.bindings.items():
        imports = [one.node for one in bindings if isinstance(one.node, n.ImportFrom)]
        if any(alias.name in _CALLS for node in imports for alias in node.names if alias.asname == bound):
            names.add(bound)
    if not re.search(rf"\b(?:{'|'.join(names)})\s*\(", module.source.text):
        return []
    found = []
    for one in walk(module.tree):
        if isinstance(one, n.Call):
            last = one.func.attr if isinstance(one.func, n.Attribute) else getattr(one.func, "id", "")
            if last in names:
                symbol = machine.project.resolve(one.func, module)
                # Snippets leave the import of torch out.
                name = symbol.name if isinstance(symbol, External) else (symbol is None and dotted(one.func)) or ""
                if name.startswith("torch."):
                    found.append(one.start)
    return found
