"""Constructors, executed abstractly: what they leave on the object, held against the object that Python makes."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from scriptlint.evaluate.values import (
    Compiled,
    Const,
    FunctionValue,
    Held,
    Instance,
    Items,
    Mapping,
    Some,
    TensorValue,
    Unknown,
    Value,
    flatten,
)
from tests.judge import Judge
from tests.projects import Files

HEADER = """
    from collections import OrderedDict
    from functools import partial
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, width=4, act=nn.ReLU, deep=False):
            super().__init__()
            self.width = width
            self.act = act()
            if deep:
                self.inner = nn.Linear(width, width)

    class Base(nn.Module):
        def __init__(self, width, norm=None):
            super().__init__()
            self.width = width
            self.norm = norm

        def make(self, n):
            return nn.Sequential(*[Block(i) for i in range(n)])

    def block(width):
        return Block(width)

    KINDS = {"relu": nn.ReLU, "gelu": nn.GELU}
    """


def shape(value: Value) -> object:
    """A value as plain data: children by name, constants as they are."""
    match value:
        case Const():
            return value.value
        case Instance():
            return {"": value.class_name, **{name: options(held) for name, held in value.attributes.items()}}
        case Items():
            return [shape(one) for one in value.items] + ([] if value.exact else ["..."])
        case Mapping():
            return {name: shape(one) for name, one in value.items.items()}
        case TensorValue():
            return f"<{value.kind}>"
        case Compiled():
            return f"<{value.how}>"
        case FunctionValue():
            return f"<{value.function.qualname}>"
        case _:
            return "?"


def options(held: list[Held]) -> object:
    found = [(shape(option.value), option.when) for one in held for option in flatten(one)]
    return found[0][0] if len(found) == 1 and found[0][1] is None else found


def attributes(folder: Path, body: str, base: str = "nn.Module", made: str = "Net(1)") -> dict[str, object]:
    """What `__init__(self, n, flag=False, name="relu")` with this body leaves on self; without `made` of any object."""
    files = Files(folder, dedent(HEADER) + _net(body, base))
    found = shape(files.machine.evaluate_text(made, files.main) if made else files.built("Net"))
    assert isinstance(found, dict)
    return {name: value for name, value in found.items() if name}


def _net(body: str, base: str) -> str:
    header = f"\n\nclass Net({base}):\n    def __init__(self, n, flag=False, name='relu'):\n"
    return header + indent(dedent(body).strip("\n"), " " * 8) + "\n"


RELU = {"": "ReLU"}
CASES = {
    "constants": (
        "super().__init__()\nself.a = 3\nself.b = 'x'\nself.c = None\nself.d = -2.5",
        {"a": 3, "b": "x", "c": None, "d": -2.5},
    ),
    "defaults of the block": ("super().__init__()\nself.b = Block()", {"b": {"": "Block", "width": 4, "act": RELU}}),
    "arguments by name": (
        "super().__init__()\nself.b = Block(act=nn.GELU, width=2)",
        {"b": {"": "Block", "width": 2, "act": {"": "GELU"}}},
    ),
    "a branch that is known": (
        "super().__init__()\nself.b = Block(1, deep=True)",
        {"b": {"": "Block", "width": 1, "act": RELU, "inner": {"": "Linear"}}},
    ),
    "sequential": (
        "super().__init__()\nself.s = nn.Sequential(nn.ReLU(), nn.GELU())",
        {"s": {"": "Sequential", "0": RELU, "1": {"": "GELU"}}},
    ),
    "an ordered dictionary": (
        "super().__init__()\nself.s = nn.Sequential(OrderedDict([('a', nn.ReLU()), ('b', nn.GELU())]))",
        {"s": {"": "Sequential", "a": RELU, "b": {"": "GELU"}}},
    ),
    "a module dictionary": (
        "super().__init__()\nself.s = nn.ModuleDict({'a': nn.ReLU()})\nself.s['b'] = nn.GELU()",
        {"s": {"": "ModuleDict", "a": RELU, "b": {"": "GELU"}}},
    ),
    "a loop that builds a list": (
        "super().__init__()\nlayers = []\nfor i in range(3):\n    layers.append(nn.ReLU())\nself.s = nn.Sequential(*layers)",
        {
            "s": {"": "Sequential", "0": RELU, "1": RELU, "2": RELU},
        },
    ),
    "continue and break": (
        """
        super().__init__()
        layers = []
        for i in range(9):
            if i == 1:
                continue
            if i == 3:
                break
            layers.append(nn.ReLU())
        self.s = nn.Sequential(*layers)
        self.after = i
        """,
        {"s": {"": "Sequential", "0": RELU, "1": RELU}, "after": 3},
    ),
    "a module list that is appended to": (
        "super().__init__()\nself.s = nn.ModuleList()\nfor i in range(2):\n    self.s.append(nn.ReLU())",
        {"s": {"": "ModuleList", "0": RELU, "1": RELU}},
    ),
    "a comprehension": (
        "super().__init__()\nself.s = nn.ModuleList([nn.ReLU() for i in range(4) if i % 2])",
        {"s": {"": "ModuleList", "0": RELU, "1": RELU}},
    ),
    "add_module and setattr": (
        "super().__init__()\nself.add_module('a', nn.ReLU())\nfor i in range(2):\n    setattr(self, f'b{i}', nn.GELU())",
        {"a": RELU, "b0": {"": "GELU"}, "b1": {"": "GELU"}},
    ),
    "getattr": (
        "super().__init__()\nself.a = nn.ReLU()\nself.b = getattr(self, 'a')",
        {"a": RELU, "b": RELU},
    ),
    "buffers and parameters": (
        "super().__init__()\nself.register_buffer('m', torch.zeros(2))\nself.register_buffer('k', None)\n"
        "self.w = nn.Parameter(torch.ones(2))\nself.t = torch.arange(3)",
        {"m": "<buffer>", "k": None, "w": "<parameter>", "t": "<plain>"},
    ),
    "a factory": ("super().__init__()\nself.b = block(7)", {"b": {"": "Block", "width": 7, "act": RELU}}),
    "a class in a table": ("super().__init__()\nself.a = KINDS[name]()", {"a": RELU}),
    "partial": (
        "super().__init__()\nmake = partial(Block, act=nn.GELU)\nself.b = make(5)",
        {"b": {"": "Block", "width": 5, "act": {"": "GELU"}}},
    ),
    "a lambda": ("super().__init__()\nmake = lambda w: nn.ReLU()\nself.b = make(5)", {"b": RELU}),
    "a nested function": (
        "super().__init__()\ndef make(k):\n    return Block(k)\nself.b = make(5)",
        {"b": {"": "Block", "width": 5, "act": RELU}},
    ),
    "tuples": ("super().__init__()\nself.a, (self.b, self.c) = 1, (2, 3)", {"a": 1, "b": 2, "c": 3}),
    "early return": ("super().__init__()\nself.a = 1\nif not flag:\n    return\nself.b = 2", {"a": 1}),
    "try": ("super().__init__()\ntry:\n    self.a = 1\nfinally:\n    self.b = 2", {"a": 1, "b": 2}),
    "rates of torch": (
        "super().__init__()\nself.a = [one.item() for one in torch.linspace(0, 0.5, n + 2)]",
        {"a": [0.0, 0.25, 0.5]},
    ),
    "rates of NumPy": (
        "super().__init__()\nimport numpy as np\nself.a = np.linspace(0, 1, num=5).tolist()[n:n + 3]",
        {"a": [0.25, 0.5, 0.75]},
    ),
    "a part of rates": (
        "super().__init__()\nrates = torch.linspace(0, 0.75, 4)\n"
        "self.a, self.b, self.c = rates[1:].tolist(), float(rates[-1]), len(rates)",
        {"a": [0.25, 0.5, 0.75], "b": 0.75, "c": 4},
    ),
    "rates for each stage": (
        "super().__init__()\nself.a = [one.tolist() for one in torch.linspace(0, 0.75, 4).split([1, 3])]",
        {"a": [[0.0], [0.25, 0.5, 0.75]]},
    ),
    "a module list that grows by +=": (
        "super().__init__()\nself.s = nn.ModuleList()\nfor i in range(2):\n    self.s += [nn.ReLU()]",
        {"s": {"": "ModuleList", "0": RELU, "1": RELU}},
    ),
    "arithmetic": ("super().__init__()\nself.a = 2 * 4 // 3", {"a": 2}),
    "the sizes of a legacy constructor": (
        "super().__init__()\nself.a = list(torch.Tensor(3, 4).shape)\nself.b = len(torch.FloatTensor([3.0, 4.0]).tolist())\n"
        "self.c = list(nn.Parameter(torch.Tensor(2, 5)).shape)",
        {"a": [3, 4], "b": 2, "c": [2, 5]},
    ),
    "whether a method is abstract": (
        "super().__init__()\n"
        "from abc import abstractmethod\n"
        "class Inner:\n"
        "    @abstractmethod\n"
        "    def one(self):\n"
        "        pass\n"
        "    def two(self):\n"
        "        pass\n"
        "self.a = not getattr(Inner.one, '__isabstractmethod__', False)\n"
        "self.b = not getattr(Inner.two, '__isabstractmethod__', False)\n"
        "self.c = callable(getattr(Inner, 'three', None))",
        {"a": False, "b": True, "c": False},
    ),
    "the bases of a class": (
        "super().__init__()\nself.a = [one.__name__ for one in Base.__bases__]\nself.b = Base in type(self).__bases__",
        {"a": ["Module"], "b": False},
    ),
    "a walk up the bases": (
        "super().__init__()\n"
        "def above(cls):\n"
        "    found = []\n"
        "    for one in cls.__bases__:\n"
        "        if one not in {object, nn.Module}:\n"
        "            found.extend(above(one))\n"
        "    found.append(cls.__name__)\n"
        "    return found\n"
        "class Inner(Base):\n"
        "    pass\n"
        "self.a = above(Inner)",
        {"a": ["Base", "Inner"]},
    ),
    "a partial of a partial": (
        "super().__init__()\nmake = partial(partial(Block, 3), deep=True)\nself.a = len(make.args)\nself.b = make()",
        {"a": 1, "b": {"": "Block", "width": 3, "act": RELU, "inner": {"": "Linear"}}},
    ),
    "whole numbers of a tensor": (
        "super().__init__()\nself.a = (4 ** torch.arange(3)).flip(0).tolist()\nself.b = (torch.arange(3) * 2 + 1).tolist()",
        {"a": [16, 4, 1], "b": [1, 3, 5]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_on_self(tmp_path: Path, judge: Judge, name: str) -> None:
    body, expected = CASES[name]
    assert attributes(tmp_path, body) == expected
    program = dedent(HEADER) + _net(body, "nn.Module") + dedent(REAL).replace("EXPECTED", repr(expected))
    verdict = judge.run(program)
    assert verdict.verdict == "ok", verdict.words


REAL = """

def shape(value):
    if isinstance(value, nn.Module):
        own = {k: v for k, v in vars(value).items() if not k.startswith("_") and k != "training"}
        own.update(value._modules)
        own.update(value._parameters)
        own.update(value._buffers)
        ours = type(value).__module__ == __name__
        if not ours:
            own = dict(value._modules)
        return {"": type(value).__name__, **{k: shape(v) for k, v in own.items()}}
    if isinstance(value, nn.Parameter):
        return "<parameter>"
    return value

net = Net(1)
found = shape(net)
found = {k: ("<buffer>" if v is not None else None) if k in net._buffers else "<plain>" if torch.is_tensor(v) else v for k, v in found.items() if k}
assert found == EXPECTED, found
"""


def test_super_with_arguments_and_a_method_of_the_base(tmp_path: Path) -> None:
    found = attributes(tmp_path, "super().__init__(16, norm=nn.ReLU())\nself.s = self.make(2)", base="Base")
    assert found["width"] == 16
    assert found["norm"] == RELU
    assert found["s"] == {
        "": "Sequential",
        "0": {"": "Block", "width": 0, "act": RELU},
        "1": {"": "Block", "width": 1, "act": RELU},
    }


def configurations(folder: Path, body: str) -> dict[tuple[str, ...], Instance | None]:
    """The objects of a class whose constructor has this body, by the conditions under which each is made."""
    files = Files(folder, dedent(HEADER) + _net(body, "nn.Module"))
    known = files.machine.configurations(files.cls("Net"))
    return {one.conditions: one.instance for one in known.each}


def test_what_an_argument_decides_makes_another_object(tmp_path: Path) -> None:
    body = """
        super().__init__()
        if n > 3:
            self.a = nn.ReLU()
        else:
            self.a = None
        self.b = nn.ReLU() if n > 3 else nn.GELU()
        if n < 0:
            raise ValueError(n)
        """
    made = configurations(tmp_path, body)
    assert sorted(made) == [("n > 3",), ("not (n > 3)",)]
    for when, instance in made.items():
        assert instance is not None
        large = when == ("n > 3",)
        assert (instance.held("a")[0].value == Const(None)) is not large
        layer = instance.held("b")[0].value
        assert isinstance(layer, Instance)
        assert layer.class_name == ("ReLU" if large else "GELU")


def test_two_tests_of_one_value_are_one_question(tmp_path: Path) -> None:
    body = """
        super().__init__()
        if n is None:
            self.a = 1
        if n is not None:
            self.b = 2
        """
    made = configurations(tmp_path, body)
    left = {tuple(instance.attributes) for instance in made.values() if instance is not None}
    assert left == {("a",), ("b",)}


def test_a_variable_that_was_given_another_value_is_another_question(tmp_path: Path) -> None:
    body = """
        super().__init__()
        if n is None:
            self.a = 1
        n = unseen()
        if n is not None:
            self.b = 2
        """
    made = configurations(tmp_path, body)
    left = {tuple(instance.attributes) for instance in made.values() if instance is not None}
    assert left == {("a", "b"), ("a",), ("b",), ()}


def test_what_raises_leaves_no_object(tmp_path: Path) -> None:
    body = """
        super().__init__()
        if n == "wide":
            self.a = 1
        elif n == "deep":
            self.a = 2
        else:
            raise ValueError(n)
        """
    made = configurations(tmp_path, body)
    assert [instance is None for instance in made.values()].count(True) == 1
    values = {instance.held("a")[0].value for instance in made.values() if instance is not None}
    assert values == {Const(1), Const(2)}


@pytest.mark.parametrize(
    "body",
    [
        "super().__init__()\nfor i in range(n):\n    self.a = i\nself.s = nn.Sequential(*[nn.ReLU() for _ in range(n)])",
        "super().__init__()\nlayers = []\nfor i in range(n):\n    layers.append(nn.ReLU())\nself.s = nn.Sequential(*layers)",
        "super().__init__()\nlayers = [nn.ReLU()] * n\nself.s = nn.Sequential(*layers)",
        "super().__init__()\nself.s = nn.ModuleList([nn.ReLU() for one in n])",
    ],
)
def test_an_argument_that_counts_is_a_few(tmp_path: Path, body: str) -> None:
    source = dedent(HEADER) + _net(body, "nn.Module")
    built = Files(tmp_path, source).built("Net")
    container = built.held("s")[0].value
    assert isinstance(container, Instance)
    assert [name for name, _ in container.submodules()] == ["0", "1", "2"]


def test_a_loop_over_something_that_is_not_followed_leaves_more_than_is_seen(tmp_path: Path) -> None:
    body = "super().__init__()\nself.s = nn.ModuleList()\nfor _ in unseen():\n    self.s.append(nn.ReLU())"
    modules = Files(tmp_path, dedent(HEADER) + _net(body, "nn.Module")).built("Net").held("s")[0].value
    assert isinstance(modules, Instance)
    assert modules.open


def test_an_annotated_argument_has_a_type(tmp_path: Path) -> None:
    source = dedent(HEADER) + "\n\nclass Net(nn.Module):\n    def __init__(self, p: float, q):\n"
    built = Files(tmp_path, source + "        super().__init__()\n        self.p = p\n        self.q = q\n").built(
        "Net"
    )
    assert built.held("p")[0].value == Some("float")
    assert isinstance(built.held("q")[0].value, Unknown)


def test_questions_that_are_too_many_are_counted(tmp_path: Path) -> None:
    rows = "\n".join(f"if unseen({index}):\n    self.x{index} = 1" for index in range(40))
    files = Files(tmp_path, dedent(HEADER) + _net(f"super().__init__()\n{rows}\nself.a = 1", "nn.Module"))
    known = files.machine.configurations(files.cls("Net"))
    assert known.unexplored > 0
    assert all(one.instance is not None and one.instance.held("a") for one in known.each)


def test_long_constructors_are_followed_fewer_ways(tmp_path: Path) -> None:
    flags = "\n".join(f"if unseen({index}):\n    self.x{index} = 1" for index in range(8))
    rows = f"for i in range({{}}):\n    self.n = i\n{flags}"
    short = _net(f"super().__init__()\n{rows.format(1)}", "nn.Module")
    long = _net(f"super().__init__()\n{rows.format(5_000)}", "nn.Module").replace("class Net", "class Long")
    files = Files(tmp_path, dedent(HEADER) + short + long)
    few, many = files.machine.configurations(files.cls("Long")), files.machine.configurations(files.cls("Net"))
    assert len(many.each) > len(few.each)
    assert few.each[0].instance is not None
    assert few.each[0].instance.held("n")
    assert few.unexplored > 0


ENDLESS = """
    from torch import nn

    def forever(x):
        return forever(x)

    class Loop(nn.Module):
        def __init__(self):
            super().__init__()
            while True:
                self.x = 1

    class Recursive(nn.Module):
        def __init__(self, depth=0):
            super().__init__()
            self.inner = Recursive(depth + 1)
            self.x = 1

    class Function(nn.Module):
        def __init__(self):
            super().__init__()
            self.y = forever(1)
            self.x = 1

    class Wide(nn.Module):
        def __init__(self):
            super().__init__()
            for a in range(64):
                for b in range(64):
                    for c in range(64):
                        for d in range(64):
                            self.x = [a for _ in range(64) for _ in range(64)]

    class Circle(nn.Module):
        def __init__(self):
            super().__init__()
            self.x = 1
            self.me = self
            self.list = []
            self.list.append(self.list)
    """


@pytest.mark.parametrize("name", ["Loop", "Recursive", "Function", "Wide", "Circle"])
def test_it_never_hangs(tmp_path: Path, name: str) -> None:
    built = Files(tmp_path, ENDLESS).built(name)
    assert built.held("x") or built.hidden


def test_a_generator_gives_what_it_yields(tmp_path: Path) -> None:
    source = dedent(HEADER) + _net("super().__init__()\nself.s = list(self.rows())", "nn.Module")
    source += "\n    def rows(self):\n        for i in range(2):\n            yield i\n        yield from (5, 7)\n"
    value = Files(tmp_path, source).built("Net").held("s")[0].value
    assert isinstance(value, Items)
    assert value.items == [Const(0), Const(1), Const(5), Const(7)]


def test_a_class_method_makes_an_object(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        """
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.width = width

            @classmethod
            def small(cls):
                return cls(3)

            @torch.jit.ignore
            def twice(self):
                return 2 * self.width
        """,
    )
    made = files.machine.evaluate_text("Net.small()", files.main)
    assert isinstance(made, Instance)
    assert made.held("width")[0].value == Const(3)
    assert files.machine.evaluate_text("Net(5).twice()", files.main) == Const(10), "ignore means nothing to Python"


def test_constructors_of_bases_are_called_by_the_name_of_the_class(tmp_path: Path) -> None:
    made = Files(
        tmp_path,
        """
        from torch import nn

        class Base(nn.Module):
            def __init__(self, width):
                nn.Module.__init__(self)
                self.linear = nn.Linear(width, width)

        class Net(Base):
            def __init__(self):
                Base.__init__(self, 4)
        """,
    ).built("Net")
    assert made.foreign is not None
    assert made.foreign.name == "torch.nn.Module"
    assert isinstance(made.held("linear")[0].value, Instance)
