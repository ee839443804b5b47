"""Modules, and tuples that are parameters, where Python unpacks them and the compiler needs to be told how."""

from __future__ import annotations

from scriptlint.fixes.annotations import annotated_for_call
from scriptlint.fixes.evidence import Evidence, Reader
from scriptlint.fixes.layout import indentation
from scriptlint.fixes.loops import name_of_item
from scriptlint.fixes.places import has_comment, names_in, statement_of
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import TENSOR, Tuple


def by_index(module: ModuleInfo, function: n.FunctionDef, target: n.Tuple | n.List, whole: n.Node) -> Fix | None:
    """`for a, b in self.layers:` becomes `for layer in self.layers:` with `a = layer[0]` and `b = layer[1]` below, and
    `a, b = self.pair` becomes `a = self.pair[0]` and `b = self.pair[1]`."""
    names = [one.id for one in target.elts if isinstance(one, n.Name)]
    place = statement_of(function, target)
    if len(names) != len(target.elts) or place is None or has_comment(module, target):
        return None
    statement, title = place[0], "take the modules one by one"
    match statement:
        case n.Assign(targets=[only], value=n.Name() | n.Attribute()) if only is target:
            blanks = indentation(module.source.text, statement.start)
            if blanks is None or has_comment(module, statement) or names_in([statement.value]) & set(names):
                return None
            item = module.text(statement.value)
            lines = f"\n{blanks}".join(f"{name} = {item}[{place}]" for place, name in enumerate(names))
            edits = [Edit(statement.start, statement.end, lines)]
        case n.For() if any(one is target for one in walk(statement.target)):
            blanks = indentation(module.source.text, statement.body[0].start)
            others = {one for one in walk(statement.target) if not target.start <= one.start < target.end}
            if blanks is None or names_in(others - {statement.target}) & set(names):
                return None
            item = name_of_item(module, function, statement)
            lines = "".join(f"{name} = {item}[{place}]\n{blanks}" for place, name in enumerate(names))
            start, end = _with_parentheses(module, target)
            edits = [Edit(start, end, item), Edit(statement.body[0].start, statement.body[0].start, lines)]
        case _:
            return None
    return Fix(module.path, title, Safety.SAFE.value, tuple(edits))


def _with_parentheses(module: ModuleInfo, target: n.Tuple | n.List) -> tuple[int, int]:
    """Return the range of a target with its own parentheses, whether or not they belong to its span."""
    text, start, end = module.source.text, target.start, target.end
    if text[start] not in "([" and text[:start].rstrip().endswith("(") and text[end:].lstrip().startswith(")"):
        return text.rindex("(", 0, start), text.index(")", end) + 1
    return start, end


def as_tuple_parameter(reader: Reader, function: Function, name: str, target: n.Tuple | n.List) -> Fix | None:
    """Annotate a parameter that is unpacked into tensors, and that nothing else is done with but asking if it is None."""
    parts = [one.id for one in target.elts if isinstance(one, n.Name)]
    uses = [one for one in walk(*function.node.body) if isinstance(one, (n.Attribute, n.Subscript, n.BinOp, n.Call))]
    if len(parts) != len(target.elts) or any(_works_with(one, name) for one in uses):
        return None
    evidence = [reader.of(function, one) for one in parts]
    if Evidence.AGAINST in evidence or Evidence.PROOF not in evidence:
        return None
    return annotated_for_call(function, {name: Tuple((TENSOR,) * len(parts))}, reader)


def _works_with(node: n.Node, name: str) -> bool:
    match node:
        case n.Attribute(value=value) | n.Subscript(value=value):
            operands = [value]
        case n.BinOp(left=left, right=right):
            operands = [left, right]
        case n.Call(args=args):
            operands = args
        case _:
            return False
    return any(isinstance(one, n.Name) and one.id == name for one in operands)


def as_list(module: ModuleInfo, function: n.FunctionDef, made: n.Call) -> Fix | None:
    """`return tuple(outs)` becomes `return outs`: a tuple has as many items as its type says."""
    place = statement_of(function, made)
    given = made.args[0]
    if (
        place is None
        or not isinstance(place[0], n.Return)
        or place[0].value is not made
        or function.returns is not None
    ):
        return None
    if isinstance(given, n.GeneratorExp) and given.end == made.end:
        edits = (Edit(made.start, given.start + 1, "["), Edit(given.end - 1, made.end, "]"))
        return Fix(module.path, "return a list", Safety.UNSAFE.value, edits)
    if not isinstance(given, (n.Name, n.ListComp)) or module.source.text[given.end : made.end] != ")" or made.keywords:
        return None
    edits = (Edit(made.start, given.start, ""), Edit(given.end, made.end, ""))
    return Fix(module.path, f"return the list `{module.text(given)}`"[:60], Safety.UNSAFE.value, edits)


def starred_apart(module: ModuleInfo, function: n.FunctionDef, starred: n.Starred) -> Fix | None:
    """`b, n, _, h = *x.shape, self.heads` becomes `b, n, _ = x.shape` and `h = self.heads`."""
    place = statement_of(function, starred)
    match place:
        case (n.Assign(targets=[n.Tuple(elts=names)], value=n.Tuple(elts=values)) as stmt, _) if starred in values:
            blanks = indentation(module.source.text, stmt.start)
        case _:
            return None
    others = [one for one in values if one is not starred]
    shape = starred.value.func if isinstance(starred.value, n.Call) and not starred.value.args else starred.value
    plain = all(isinstance(one, (n.Name, n.Attribute, n.Constant)) for one in (*others, shape))
    wanted = [one.id for one in names if isinstance(one, n.Name)]
    count = len(names) - len(others)
    read = {one.id for value in values for one in walk(value) if isinstance(one, n.Name)}
    if blanks is None or not plain or len(wanted) != len(names) or count < 2 or read & set(wanted):
        return None
    if has_comment(module, stmt):
        return None
    at = values.index(starred)
    parts = [
        (wanted[:at], values[:at]),
        (wanted[at : at + count], [starred.value]),
        (wanted[at + count :], values[at + 1 :]),
    ]
    lines = [f"{', '.join(left)} = {', '.join(map(module.text, right))}" for left, right in parts if left]
    edit = Edit(stmt.start, stmt.end, f"\n{blanks}".join(lines))
    return Fix(module.path, f"unpack `{module.text(starred.value)}` by itself", Safety.SAFE.value, (edit,))
