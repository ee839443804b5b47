"""Programs inside TorchScript's subset, built by hypothesis: every one of them compiles; and ways to break one of them.

A program is a module with helpers and a function `subject`. Its statements are drawn with the types of all variables in view,
so that whatever is written is well typed: variables keep their types, those of a block end with it, an Optional is used
only where it is known not to be None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

from hypothesis import strategies as st

TYPES = ["int", "float", "bool", "str", "Tensor", "List[int]", "List[Tensor]", "Dict[str, int]", "Tuple[int, Tensor]"]
HEAD = """\
from typing import Dict, List, Optional, Set, Tuple

import torch
from torch import Tensor

SCALE = 2.0


def typed(n: int) -> int:
    return n
"""
# What every subject has and no statement assigns to: what violations are made of.
PARAMETERS = "tensor, count: int, name: str, items: List[int], pair: Tuple[int, str], maybe: Optional[int]"
SLOT = "# slot"


@dataclass(frozen=True)
class Helper:
    """A function that subjects and later helpers may call."""

    name: str
    params: tuple[str, ...]
    returns: str


@dataclass
class Writer:
    """Writes the body of one function. `scope` holds the variables in view, `own` those that may be assigned to."""

    draw: Callable[[Any], Any]
    helpers: list[Helper]
    returns: str
    scope: dict[str, str] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    count: int = 0

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def choose(self, options: list[Any]) -> Any:
        return options[self.draw(st.integers(0, len(options) - 1))]

    # Expressions

    def expression(self, kind: str, depth: int = 2) -> str:
        """An expression of a type."""
        leaves = [name for name, other in self.scope.items() if other == kind]
        leaves += [
            f"(1 if {name} is None else {name})"
            for name, other in self.scope.items()
            if kind == "int" and other == "Optional[int]"
        ]
        if depth == 0:
            return str(self.choose([*leaves, self.literal(kind)]))
        forms: list[Callable[[], str]] = [lambda: self.expression(kind, 0)]
        forms += [lambda one=one: one(depth - 1) for one in getattr(self, f"_{_word(kind)}")()]
        forms.append(lambda: self.ternary(kind, depth - 1))
        forms += [lambda one=one: self.call(one, depth - 1) for one in self.helpers if one.returns == kind]
        return str(self.choose(forms)())

    def literal(self, kind: str) -> str:
        match kind:
            case "int":
                return str(self.draw(st.integers(0, 9)))
            case "float":
                return str(self.draw(st.integers(0, 9))) + ".5"
            case "bool":
                return "count > 2" if "count" in self.scope else "len([1]) > 0"
            case "str":
                return '"a"'
            case "Tensor":
                return "torch.ones(2)"
            case "List[int]":
                return "[1, 2]"
            case "List[Tensor]":
                return "[torch.ones(2)]"
            case "Dict[str, int]":
                return '{"a": 1}'
            case _:
                return "(1, torch.ones(2))"

    def ternary(self, kind: str, depth: int) -> str:
        return (
            f"({self.expression(kind, depth)} if {self.expression('bool', depth)} else {self.expression(kind, depth)})"
        )

    def call(self, helper: Helper, depth: int) -> str:
        return f"{helper.name}({', '.join(self.expression(one, depth) for one in helper.params)})"

    def _int(self) -> list[Callable[[int], str]]:
        e = self.expression
        return [
            lambda d: f"({e('int', d)} {self.choose(['+', '-', '*', '//', '%', '&', '|'])} {e('int', d)})",
            lambda d: f"-({e('int', d)})",
            lambda d: f"len({e(self.choose(['List[int]', 'List[Tensor]', 'str', 'Dict[str, int]']), d)})",
            lambda d: f"{self.choose(['min', 'max'])}({e('int', d)}, {e('int', d)})",
            lambda d: f"sum({e('List[int]', d)})",
            lambda d: f"({e('List[int]', d)})[{e('int', d)}]",
            lambda d: f"({e('Tensor', d)}).{self.choose(['dim()', 'size(0)', 'shape[0]', 'numel()'])}",
            lambda d: f"int({e(self.choose(['float', 'bool', 'Tensor', 'str']), d)})",
            lambda d: f"({e('Dict[str, int]', d)}).get({e('str', d)}, {e('int', d)})",
            lambda d: f"({e('Tuple[int, Tensor]', d)})[0]",
            lambda d: f"typed({e('int', d)})",
        ]

    def _float(self) -> list[Callable[[int], str]]:
        e = self.expression
        return [
            lambda d: f"({e('float', d)} {self.choose(['+', '-', '*', '/'])} {e(self.choose(['int', 'float']), d)})",
            lambda d: f"({e('int', d)} / {e('int', d)})",
            lambda d: f"float({e(self.choose(['int', 'Tensor', 'str']), d)})",
            lambda d: f"max({e('float', d)}, {e('float', d)})",
        ]

    def _bool(self) -> list[Callable[[int], str]]:
        e = self.expression
        return [
            lambda d: f"({e('int', d)} {self.choose(['<', '<=', '==', '!='])} {e('int', d)})",
            lambda d: f"({e('float', d)} > {e('float', d)})",
            lambda d: f"({e('str', d)} == {e('str', d)})",
            lambda d: f"({e('bool', d)} {self.choose(['and', 'or'])} {e('bool', d)})",
            lambda d: f"(not {e('bool', d)})",
            lambda d: f"({e('int', d)} in {e('List[int]', d)})",
            lambda d: f"({e('str', d)} in {e('Dict[str, int]', d)})",
            lambda d: f"bool(({e('Tensor', d)}).sum() > 0)",
        ]

    def _str(self) -> list[Callable[[int], str]]:
        e = self.expression
        return [
            lambda d: f"({e('str', d)} + {e('str', d)})",
            lambda d: f"str({e(self.choose(['int', 'float', 'bool']), d)})",
            lambda d: f"({e('str', d)}).{self.choose(['upper()', 'lower()', 'strip()'])}",
            lambda d: f"({e('str', d)})[{e('int', d)}:]",
            lambda d: f'",".join([{e("str", d)}, {e("str", d)}])',
        ]

    def _tensor(self) -> list[Callable[[int], str]]:
        e = self.expression
        number = ["int", "float", "Tensor"]
        return [
            lambda d: f"({e('Tensor', d)} {self.choose(['+', '-', '*', '/'])} {e(self.choose(number), d)})",
            lambda d: f"({e('int', d)} * {e('Tensor', d)})",
            lambda d: f"torch.{self.choose(['relu', 'sigmoid', 'exp', 'abs'])}({e('Tensor', d)})",
            lambda d: (
                f"({e('Tensor', d)}).{self.choose(['sum(0)', 'view(-1)', 'unsqueeze(0)', 'float()', 'detach()'])}"
            ),
            lambda d: f"({e('Tensor', d)})[{e('int', d)}]",
            lambda d: f"({e('Tensor', d)})[..., None]",
            lambda d: f"torch.cat({e('List[Tensor]', d)}, dim=0)",
            lambda d: f"torch.zeros({e('int', d)}, 2)",
            lambda d: f"torch.where({e('Tensor', d)} > 0, {e('Tensor', d)}, {e('Tensor', d)})",
            lambda d: f"({e('Tuple[int, Tensor]', d)})[1]",
            lambda d: f"({e('List[Tensor]', d)})[{e('int', d)}]",
            lambda d: f"({e('Tensor', d)}).max(dim=0)[0]",
        ]

    def _list_int(self) -> list[Callable[[int], str]]:
        e = self.expression
        return [
            lambda d: f"[{e('int', d)}, {e('int', d)}]",
            lambda d: f"({e('List[int]', d)} + {e('List[int]', d)})",
            lambda d: f"({e('List[int]', d)})[{e('int', d)}:]",
            lambda d: self.comprehension("int", d),
            lambda d: f"sorted({e('List[int]', d)})",
        ]

    def _list_tensor(self) -> list[Callable[[int], str]]:
        e = self.expression
        return [
            lambda d: f"[{e('Tensor', d)}, {e('Tensor', d)}]",
            lambda d: f"({e('List[Tensor]', d)})[:{e('int', d)}]",
            lambda d: self.comprehension("Tensor", d),
            lambda d: f"({e('Tensor', d)}).unbind(0)",
        ]

    def _dict(self) -> list[Callable[[int], str]]:
        return [lambda d: f"{{{self.expression('str', d)}: {self.expression('int', d)}}}"]

    def _tuple(self) -> list[Callable[[int], str]]:
        return [lambda d: f"({self.expression('int', d)}, {self.expression('Tensor', d)})"]

    def comprehension(self, kind: str, depth: int) -> str:
        item, text = self.iterable(depth)
        name = self.fresh()
        self.scope[name] = item
        element = self.expression(kind, depth)
        del self.scope[name]
        return f"[{element} for {name} in {text}]"

    def iterable(self, depth: int) -> tuple[str, str]:
        """What a loop may go over, and the type of its items."""
        kind = self.choose(["range", "List[int]", "List[Tensor]", "Tensor", "str"])
        if kind == "range":
            return "int", f"range({self.expression('int', depth)})"
        items = {"List[int]": "int", "List[Tensor]": "Tensor", "Tensor": "Tensor", "str": "str"}
        return items[kind], self.expression(kind, depth)

    # Statements

    def body(self) -> str:
        """The whole body of the function."""
        return self.block(3, 4) + f"{SLOT}\nreturn {self.expression(self.returns)}\n"

    def block(self, depth: int, least: int = 1) -> str:
        """At least so many statements."""
        text = ""
        for _ in range(self.draw(st.integers(least, least + 2))):
            text += f"{SLOT}\n" + self.statement(depth)
        return text

    def inner(self, depth: int, **bound: str) -> str:
        """The block of a branch or loop, with which the variables end that it makes."""
        scope, own = dict(self.scope), list(self.own)
        self.scope.update(bound)
        text = self.block(depth)
        self.scope, self.own = scope, own
        return indent(text, "    ")

    def statement(self, depth: int) -> str:
        forms = [self.assign, self.assign, self.annotate, self.reassign, self.augment, self.mutate, self.unpack]
        if depth:
            forms += [
                self.if_,
                self.if_else,
                self.both,
                self.leave,
                self.for_,
                self.unrolled,
                self.while_,
                self.optional,
            ]
        form = self.choose(forms)
        return str(form(depth) if form.__name__ in _NESTED else form())

    def assign(self) -> str:
        kind = self.choose(TYPES)
        text = self.expression(kind)
        return f"{self.new(kind)} = {text}\n"

    def new(self, kind: str) -> str:
        name = self.fresh()
        self.scope[name] = kind
        self.own.append(name)
        return name

    def annotate(self) -> str:
        kind = self.choose([*TYPES, "List[int]", "Dict[str, int]"])
        empty = {"List[int]": "[]", "List[Tensor]": "[]", "Dict[str, int]": "{}"}
        text = empty[kind] if kind in empty and self.draw(st.booleans()) else self.expression(kind)
        return f"{self.new(kind)}: {kind} = {text}\n"

    def reassign(self) -> str:
        if not self.own:
            return self.assign()
        name = self.choose(self.own)
        return f"{name} = {self.expression(self.scope[name])}\n"

    def augment(self) -> str:
        names = [one for one in self.own if self.scope[one] in ("int", "float", "Tensor", "str", "List[int]")]
        if not names:
            return self.assign()
        name = self.choose(names)
        return f"{name} += {self.expression(self.scope[name])}\n"

    def mutate(self) -> str:
        kind = self.choose(["List[int]", "List[Tensor]", "Dict[str, int]"])
        names = [one for one in self.own if self.scope[one] == kind]
        if not names:
            return self.annotate()
        name = self.choose(names)
        if kind == "Dict[str, int]":
            return f"{name}[{self.expression('str', 1)}] = {self.expression('int')}\n"
        return f"{name}.append({self.expression(kind[5:-1])})\n"

    def unpack(self) -> str:
        text = self.expression("Tuple[int, Tensor]")
        return f"{self.new('int')}, {self.new('Tensor')} = {text}\n"

    def if_(self, depth: int) -> str:
        return f"if {self.expression('bool')}:\n{self.inner(depth - 1)}"

    def if_else(self, depth: int) -> str:
        test = self.expression("bool")
        return f"if {test}:\n{self.inner(depth - 1)}else:\n{self.inner(depth - 1)}"

    def both(self, depth: int) -> str:
        kind = self.choose(TYPES)
        first, second = self.expression(kind), self.expression(kind)
        test = self.expression("bool")
        name = self.new(kind)
        return f"if {test}:\n    {name} = {first}\nelse:\n    {name} = {second}\n"

    def leave(self, depth: int) -> str:
        how = self.choose([f"return {self.expression(self.returns)}", 'raise ValueError("a")'])
        return f"if {self.expression('bool')}:\n    {how}\n"

    def for_(self, depth: int) -> str:
        item, text = self.iterable(1)
        name = self.fresh()
        body = self.inner(depth - 1, **{name: item})
        if self.draw(st.booleans()):
            body += f"    if {self.expression('bool')}:\n        {self.choose(['break', 'continue'])}\n"
        return f"for {name} in {text}:\n{body}"

    def unrolled(self, depth: int) -> str:
        name = self.fresh()
        return f"for {name} in ({self.expression('int')}, 2):\n{self.inner(depth - 1, **{name: 'int'})}"

    def while_(self, depth: int) -> str:
        start = self.expression("int")
        name = self.fresh()
        body = self.inner(depth - 1, **{name: "int"})
        return f"{name} = {start}\nwhile {name} > 0:\n    {name} -= 1\n{body}"

    def optional(self, depth: int) -> str:
        """An Optional of its own, and one of the ways to know that it is not None."""
        value, other = self.expression("int"), self.expression("int")
        test = self.expression("bool")
        name = self.fresh()
        text = f"{name}: Optional[int] = None\nif {test}:\n    {name} = {value}\n"
        way = self.draw(st.integers(0, 3))
        if way == 0:
            return text + f"if {name} is not None:\n{self.inner(depth - 1, **{name: 'int'})}"
        if way == 1:
            text += f"if {name} is None:\n    {name} = {other}\n"
        elif way == 2:
            text += f"assert {name} is not None\n"
        else:
            text += f"if {name} is None:\n    return {self.expression(self.returns)}\n"
        self.scope[name] = "int"
        return text


_NESTED = {"if_", "if_else", "both", "leave", "for_", "unrolled", "while_", "optional"}


def _word(kind: str) -> str:
    words = {
        "List[int]": "list_int",
        "List[Tensor]": "list_tensor",
        "Dict[str, int]": "dict",
        "Tuple[int, Tensor]": "tuple",
    }
    return words.get(kind, kind.lower())


@st.composite
def programs(draw: Any) -> str:
    """A program inside the subset, with a comment at every place where a statement may begin."""
    text = HEAD
    helpers: list[Helper] = []
    for index in range(draw(st.integers(0, 2))):
        kinds = tuple(draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3)))
        helper = Helper(f"helper{index}", kinds, draw(st.sampled_from(TYPES)))
        names = {f"p{place}": kind for place, kind in enumerate(kinds)}
        params = ", ".join(name if kind == "Tensor" else f"{name}: {kind}" for name, kind in names.items())
        body = Writer(draw, list(helpers), helper.returns, dict(names)).body()
        text += f"\n\ndef {helper.name}({params}) -> {helper.returns}:\n{indent(_without_slots(body), '    ')}"
        helpers.append(helper)
    returns = draw(st.sampled_from(TYPES))
    scope = {"tensor": "Tensor", "count": "int", "name": "str", "items": "List[int]"}
    body = Writer(draw, helpers, returns, {**scope, "maybe": "Optional[int]"}).body()
    return text + f"\n\ndef subject({PARAMETERS}) -> {returns}:\n{indent(body, '    ')}\n\ntorch.jit.script(subject)\n"


def _without_slots(text: str) -> str:
    return "".join(one for one in text.splitlines(keepends=True) if one.strip() != SLOT)


def complete(program: str) -> str:
    """A program as it is, without the comments."""
    return _without_slots(program)


def planted(program: str, statement: str, choice: int) -> str:
    """A program with one more statement, at one of its places."""
    lines = program.splitlines(keepends=True)
    places = [row for row, line in enumerate(lines) if line.strip() == SLOT]
    row = places[choice % len(places)]
    margin = lines[row][: lines[row].index("#")]
    lines[row] = indent(statement, margin)
    return _without_slots("".join(lines))


# One statement per rule that it breaks; `# error` marks the line of the finding.
VIOLATIONS: dict[str, str] = {
    "undefined-name": "bad = missing  # error\n",
    "global-python-value": "bad = tensor * SCALE  # error\n",
    "variable-of-one-branch": "if count > 3:  # error\n    bad = 1\nprint(bad)\n",
    "unsupported-function": "bad = repr(count)  # error\n",
    "object-as-value": "bad = [typed]  # error\n",
    "reassigned-object": "bad = typed\nif count > 3:\n    bad = len  # error\n",
    "unknown-annotation": "bad: Set[int] = count  # error\n",
    "bare-container-annotation": "bad: List = items  # error\n",
    "computed-annotation": "bad: Tuple[int, ...] = pair  # error\n",
    "return-type-mismatch": "if count > 3:\n    return pair  # error\n",
    "retyped-variable": 'bad = 1\nif count > 3:\n    bad = "a"  # error\n',
    "annotated-assignment-mismatch": "bad: int = name  # error\n",
    "ternary-type-mismatch": 'bad = 1 if count > 3 else "a"  # error\n',
    "list-element-mismatch": "bad: List[int] = [0.5]  # error\n",
    "mixed-dictionary-keys": 'bad = {"a": 1, 1: 2}  # error\n',
    "unhashable-dictionary-key": "bad = {(1, 2): 3}  # error\n",
    "branch-type-mismatch": 'if count > 3:  # error\n    bad = 1\nelse:\n    bad = "a"\nprint(bad)\n',
    "operator-type-mismatch": "bad = maybe + 1  # error\n",
    "argument-mismatch": "bad = typed(name)  # error\n",
    "missing-attribute": "bad = tensor.bool()  # error\n",
    "assignment-to-tensor-attribute": "tensor.requires_grad = True  # error\n",
    "not-callable": "bad = count(1)  # error\n",
    "range-argument": "for bad in range(count / 2):  # error\n    pass\n",
    "impossible-cast": "bad = float(maybe)  # error\n",
    "starred-list": "bad = tensor.view(*items)  # error\n",
    "untyped-tolist": "bad = tensor.tolist()  # error\n",
    "python-class-call": "bad = reversed(items)  # error\n",
    "condition-not-bool": "if maybe:  # error\n    pass\n",
    "not-iterable": "for bad in count:  # error\n    pass\n",
    "unpack-count": "bad, worse, worst = pair  # error\n",
    "unpack-unsized": "bad, worse = tensor  # error\n",
    "not-subscriptable": "bad = count[0]  # error\n",
    "index-type": "bad = items[name]  # error\n",
    "variable-tuple-index": "bad = pair[count]  # error\n",
    "tuple-index-out-of-range": "bad = pair[2]  # error\n",
    "multiple-indices": "bad = items[0, 1]  # error\n",
    "unsupported-context-manager": "with torch.enable_grad():  # error\n    pass\n",
    "module-constructed-in-forward": "bad = torch.nn.ReLU()  # error\n",
    "try-statement": "try:  # error\n    pass\nfinally:\n    pass\n",
    "lambda-expression": "bad = lambda: 1  # error\n",
    "set-display": "bad = {1, 2}  # error\n",
    "generator-function": "yield count  # error\n",
    "walrus-expression": "if (bad := count) > 3:  # error\n    pass\n",
    "import-in-function": "import math  # error\n",
}
