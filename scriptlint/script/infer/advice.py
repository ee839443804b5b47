"""What to write instead, by the cause that the facts of a finding tell."""

from __future__ import annotations

from collections.abc import Mapping

from scriptlint.types.model import FLOAT, INT, Enum, List, Optional, Primitive, Tensor, Tuple, Type, Union

CHECKED = "check it with `is not None` before; of an attribute, copy it to a variable first and check that"
ENDED = "assign it before; a variable of a loop, a comprehension or an unexecuted branch ends with it"
ARGUMENTS = "convert the arguments, or annotate the parameters: one without annotation is a Tensor"
_OPERANDS = "convert one of the operands"
_NUMBERS = ("int", "float", "bool", "complex")


def of(code: str, facts: Mapping[str, str]) -> str:
    """Return the advice of a rule for what was found."""
    return _BY_CODE[code](facts)


def for_argument(wanted: Type, found: Type) -> str:
    """Return what to do about an argument that is not of the type of its parameter."""
    match wanted, found:
        case Tensor(), Optional(element=Tensor()):
            return CHECKED
        case Tensor(inferred=True), _:
            return "annotate the parameter: without annotation it is a Tensor"
        case _, Optional():
            return CHECKED
        case _ if wanted is FLOAT and found is INT:
            return "write the number with a point, or convert it with `float(...)`: an int is not made a float"
        case List(element=element), Tuple(elements=elements) if elements and all(one == element for one in elements):
            return "make a list of it with `list(...)`; a list that is a constant of the module is a tuple, too"
        case Union(members=members), Tuple() if any(isinstance(one, List) for one in members):
            return for_argument(next(one for one in members if isinstance(one, List)), found)
        case List(element=element), _ if element == found or (
            isinstance(element, Tensor) and isinstance(found, Tensor)
        ):
            return "put it into a list: `[...]`"
        case Primitive(), Tensor() if str(wanted) in _NUMBERS:
            return f"convert it with `{wanted}(...)`"
        case Tensor(), Primitive() if str(found) in _NUMBERS:
            return "make a tensor of the number, or annotate the parameter with its type"
        case _:
            return ARGUMENTS


def for_operands(operator: str, types: list[Type]) -> str:
    """Return what to do about operands for which an operator is not defined."""
    if operator in ("==", "!=") and any(isinstance(one, Enum) for one in types):
        return "compare it with a member, or compare its `.value`"
    return _operands({"operands": " and ".join(f"`{one}`" for one in types)})


def _operands(facts: Mapping[str, str]) -> str:
    optional = "Optional[" in facts["operands"] or "`NoneType`" in facts["operands"]
    return CHECKED if optional else _OPERANDS


def _argument(facts: Mapping[str, str]) -> str:
    if facts["callee"] == "dictionary assignment":
        return (
            "all values of a dictionary have one type, which is Tensor for `{}`: annotate it where it is made, as in "
            "`counts: Dict[str, int] = {}`, and keep values of another type in another"
        )
    if facts["callee"] == "list assignment":
        return "all items of a list have one type: annotate the list where it is made, as in `xs: List[int] = []`"
    return ARGUMENTS


def _attribute(facts: Mapping[str, str]) -> str:
    found = facts["found"]
    if found.startswith("Optional["):
        return CHECKED
    if found.startswith("Tuple["):
        return (
            "index it by a number; a named tuple that an object holds has its names where the class body annotates the "
            "attribute with its class"
        )
    if found.startswith("Tensor"):
        return "use an operator that TorchScript has; a parameter that is no tensor has to be annotated"
    if found.startswith(("List[", "Dict[", *_NUMBERS, "str")):
        return f"use what TorchScript has for a `{found.partition('[')[0]}`"
    return "define it in the class, or set it in its `__init__`"


def _called(facts: Mapping[str, str]) -> str:
    found = facts["found"]
    if found == "enum class":
        return "name a member, or compare the number or text with the `.value` of one"
    if found.startswith("Tensor"):
        return "annotate what is to be called, or keep it as a module: without annotation it is a Tensor"
    if found.startswith(("Optional[", "NoneType")):
        return CHECKED
    if found[:1].isupper() and "[" not in found:
        return (
            "call modules in a loop over their `ModuleList` itself; those of a plain list, or of a slice with a step, "
            "are values only, so keep another order in a second `ModuleList`"
        )
    return "call a function, a method or a module"


def _assigned(facts: Mapping[str, str]) -> str:
    before, found = facts["before"], facts["found"]
    if before == "NoneType":
        name = facts["text"].rpartition(".")[2]
        return f"annotate it in the class body, `{name}: Optional[{found}]`, and copy it to a variable where it is read"
    if before in ("int", "bool") and found == "float":
        return "write it as a float in `__init__`, as `0.0`"
    return "give it a value of that type in `__init__`, or keep this one under another name"


_OF_PYTHON = "pass it as an argument, or guard the code with `if not torch.jit.is_scripting():`"


def _global(facts: Mapping[str, str]) -> str:
    kind = facts["kind"]
    if kind in (*_NUMBERS, "str"):
        return (
            "pass it as an argument, make it a `Final` attribute of the module, or read it as an attribute of an "
            "imported module"
        )
    if kind == "Tensor":
        return "pass it as an argument, or keep it as a buffer of the module"
    if kind in ("list", "dict", "tuple"):
        return "pass it as an argument, or keep it as an attribute of the module"
    if kind in ("dtype", "device"):
        return f"write the {kind} where it is used, pass it as an argument, or keep it as an attribute of the module"
    return _OF_PYTHON


def _missing(facts: Mapping[str, str]) -> str:
    if facts["name"].startswith("__"):
        return "take what is needed of it in `__init__`, or guard the code with `if not torch.jit.is_scripting():`"
    return "set it in `__init__`; a value of the class body is seen only if it is annotated `Final`"


def _undefined(facts: Mapping[str, str]) -> str:
    return ENDED


def _attribute_of_tensor(facts: Mapping[str, str]) -> str:
    name = facts["text"].rpartition(".")[2]
    if name in ("real", "imag"):
        return f"change it in place: `torch.{name}(x).copy_(...)`, or `.fill_(...)` with a number"
    if name == "data":
        return "change it in place: `x.copy_(...)` below `with torch.no_grad():`"
    return "use the method that does it, as `x.requires_grad_(True)`"


_BY_CODE = {
    "SL210": _undefined,
    "SL211": _global,
    "SL401": _operands,
    "SL402": _argument,
    "SL403": _attribute,
    "SL404": _attribute_of_tensor,
    "SL405": _called,
    "SL601": _missing,
    "SL603": _assigned,
}
