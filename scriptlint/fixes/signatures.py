"""Parameters that TorchScript has no place for."""

from __future__ import annotations

from scriptlint.fixes.kinds import calls_to
from scriptlint.fixes.places import calls_of, family, is_named, mentions_of, outermost
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import dotted, walk
from scriptlint.text import Edit, Fix, Safety

_COMPILE = ("script", "trace", "script_if_tracing", "ignore", "unused", "export")


def without_variadic(module: ModuleInfo, function: n.FunctionDef, variadic: n.Parameter) -> Fix | None:
    """Remove a `*args` or `**kwargs` that is at most handed on, unless code of the file passes something for it, or it is
    there for others: the function takes whatever comes, only says what overrides take, or is called elsewhere alone."""
    if function.args.vararg is not None and function.args.kwarg is not None:
        return None
    if any(isinstance(one, n.Raise) for one in function.body) or _may_be_given_more(module, function):
        return None
    handed_on = _handed_on(module, function, variadic.name)
    edit = _removed(module, function, variadic)
    if edit is None or handed_on is None:
        return None
    takes_more = len(function.args.all()) > (2 if function.args.args and function.args.args[0].name == "self" else 1)
    if handed_on and (not takes_more or _is_given_more_as_object(module, function)):
        return None
    title = f"remove `{variadic.name}`"
    return Fix(module.path, title, Safety.UNSAFE.value, tuple(sorted([edit, *handed_on])))


def _handed_on(module: ModuleInfo, function: n.FunctionDef, name: str) -> list[Edit] | None:
    """Take `*args` or `**kwargs` out of the calls that are given it; None where the function reads it otherwise."""
    edits: list[Edit] = []
    uses = [one for one in walk(*function.body) if isinstance(one, n.Name) and one.id == name]
    for call in walk(*function.body):
        if not isinstance(call, n.Call):
            continue
        given: list[n.Node] = sorted([*call.args, *call.keywords], key=lambda one: one.start)
        for place, one in enumerate(given):
            is_starred = isinstance(one, n.Starred) or (isinstance(one, n.Keyword) and one.arg is None)
            if is_starred and one.value in uses:  # type: ignore[attr-defined]
                uses.remove(one.value)  # type: ignore[attr-defined]
                edits.append(_without_argument(given, place))
    text = module.source.text
    return edits if not uses and not any("#" in text[one.start : one.end] for one in edits) else None


def _without_argument(given: list[n.Node], place: int) -> Edit:
    if place > 0:
        return Edit(given[place - 1].end, given[place].end, "")
    return Edit(given[0].start, given[1].start if len(given) > 1 else given[0].end, "")


def _is_given_more_as_object(module: ModuleInfo, function: n.FunctionDef) -> bool:
    """Return True if a call of an object passes a `forward` more than its parameters."""
    known = next((one for one in module.functions.values() if one.node is function), None)
    if known is None or known.owner is None or function.name != "forward":
        return False
    names = {one.name for one in (*function.args.args, *function.args.kwonly)}
    most = len(function.args.args) - 1
    return any(
        len(call.args) > most or any(one.arg is not None and one.arg not in names for one in call.keywords)
        for call in calls_to(known)
    )


def _may_be_given_more(module: ModuleInfo, function: n.FunctionDef) -> bool:
    """Return True if the file calls a function by its name with more than its parameters, or keeps it as a value.

    What `torch.jit.script` and its like are given, they do not call.
    """
    plain = [one.name for one in (*function.args.posonly, *function.args.args)]
    named = {one.name for one in function.args.kwonly} | set(plain)
    calls = calls_of(module, function.name)
    top = outermost(module, function)
    related = family(module, top) if isinstance(top, n.ClassDef) else []
    for call in calls:
        if related and _is_own_call(call) and not any(one.start <= call.start < one.end for one in related):
            continue  # another class's own method of that name
        starred = any(isinstance(one, n.Starred) for one in call.args)
        if starred or len(call.args) > len(plain) or any(one.arg not in named for one in call.keywords):
            return True
    compiled = [
        one
        for call in calls_of(module, *_COMPILE)
        if (dotted(call.func) or "").rpartition(".")[0].endswith("jit")
        for one in call.args
        if is_named(one, function.name)
    ]
    mentioned = mentions_of(module, function.name)
    return mentioned > len(calls) + len(compiled) or (mentioned == 0 and function in module.tree.body)


def _is_own_call(call: n.Call) -> bool:
    match call.func:
        case n.Attribute(value=n.Name(id="self")):
            return True
    return False


def _removed(module: ModuleInfo, function: n.FunctionDef, parameter: n.Parameter) -> Edit | None:
    """Take a variadic parameter out of the signature, with its stars and one comma."""
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
    """Remove the lone `*` before keyword-only parameters."""
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
