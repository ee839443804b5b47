"""Parameters that TorchScript has no place for."""

from __future__ import annotations

from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety


def without_variadic(module: ModuleInfo, function: n.FunctionDef, variadic: n.Parameter) -> Fix | None:
    """Removes a `*args` or `**kwargs` that is never read, or only handed on in calls, and there too."""
    uses = [one for part in function.body for one in walk(part) if isinstance(one, n.Name) and one.id == variadic.name]
    edits = [_removed(module, function, variadic)]
    handed_on = 0
    for part in function.body:
        for call in walk(part):
            if not isinstance(call, n.Call):
                continue
            arguments: list[n.Node] = sorted([*call.args, *call.keywords], key=lambda one: one.start)
            for place, one in enumerate(arguments):
                keyword = isinstance(one, n.Keyword) and one.arg is None
                if not (keyword or isinstance(one, n.Starred)):
                    continue
                value = one.value  # type: ignore[attr-defined]
                if isinstance(value, n.Name) and value.id == variadic.name:
                    handed_on += 1
                    if place == 0:
                        return None  # it may be all that the call is given
                    comma = module.source.text.find(",", arguments[place - 1].end, one.start)
                    edits.append(Edit(comma, one.end, ""))
    if None in edits or handed_on != len(uses):
        return None
    title = f"remove `{variadic.name}`"
    return Fix(module.path, title, Safety.UNSAFE.value, tuple(sorted(one for one in edits if one is not None)))


def _removed(module: ModuleInfo, function: n.FunctionDef, parameter: n.Parameter) -> Edit | None:
    """Takes a variadic parameter out of the signature, with its stars and one comma."""
    text = module.source.text
    start = parameter.start
    while text[start - 1] == "*":
        start -= 1
    parameters = function.args.all()
    place = parameters.index(parameter)
    if "#" in text[function.args.start : function.args.end]:
        return None  # a comment would move to another parameter
    if place > 0:
        before = parameters[place - 1]
        end = before.default.end if before.default is not None else before.end
        comma = text.find(",", end, start)
        return None if comma < 0 else Edit(comma, parameter.end, "")
    if len(parameters) == 1:
        return Edit(start, parameter.end, "")
    return Edit(start, parameters[1].start - (2 if parameters[1] is function.args.kwarg else 0), "")


def positional(module: ModuleInfo, function: n.FunctionDef) -> Fix | None:
    """Removes the lone `*` before keyword-only parameters."""
    text = module.source.text
    first = function.args.kwonly[0]
    star = text.rfind("*", function.name_start, first.start)
    if function.args.vararg is not None or star < 0 or text[star + 1 : first.start].strip() != ",":
        return None
    seen = False
    for one in [*function.args.args, *function.args.kwonly]:
        if seen and one.default is None:
            return None  # a parameter without default cannot follow one with
        seen = seen or one.default is not None
    edit = Edit(star, first.start, "")
    return Fix(module.path, "drop the `*`", Safety.UNSAFE.value, (edit,))
