"""The fragments of `compose.py`: attributes of every kind, and uses of every kind."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = """\
import enum
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, Callable, Dict, Final, List, NamedTuple, Optional, Tuple, Type, Union

import torch
from torch import Tensor, nn
"""


@dataclass(frozen=True)
class Attribute:
    """An attribute `v`: what stands before the class, in its body and in its constructor."""

    set: str
    declared: str = ""
    before: str = ""


_ENUMS = """
class Plain(Enum):
    A = 1
    B = 2


class Word(Enum):
    A = "a"


class Int(IntEnum):
    A = 1
    B = 2


class Str(str, Enum):
    A = "a"


class Mixed(Enum):
    A = 1
    B = "b"
"""
_OBJECTS = """
class Typed:
    def __init__(self, n: int):
        self.n = n

    def twice(self) -> int:
        return self.n * 2


class Untyped:
    def __init__(self, n):
        self.n = n


class Store:
    def __init__(self):
        self.kept = []
        self.last = None

    def put(self, x: Tensor) -> int:
        self.kept.append(x)
        return len(self.kept)


class Broken:
    def __init__(self, n: int):
        self.n = n

    def bad(self):
        return [one for one in [1, 2] if one]


class Bare:
    n = 3


@dataclass
class Data:
    n: int = 2
"""
_TUPLES = """
class Pair(NamedTuple):
    n: int
    m: float


Point = namedtuple("Point", ["n", "m"])
"""

_VALUES: dict[str, tuple[str, str]] = {
    "None": ("None", ""),
    "bool": ("True", ""),
    "int": ("2", ""),
    "float": ("2.5", ""),
    "str": ('"a"', ""),
    "complex": ("1j", ""),
    "device": ('torch.device("cpu")', ""),
    "dtype": ("torch.float32", ""),
    "size": ("torch.Size([1, 2])", ""),
    "tensor": ("torch.ones(2)", ""),
    "parameter": ("nn.Parameter(torch.ones(2))", ""),
    "empty list": ("[]", ""),
    "empty dict": ("{}", ""),
    "empty tuple": ("()", ""),
    "ints": ("[1, 2]", ""),
    "floats": ("[1.5, 2.5]", ""),
    "int and float": ("[1, 2.5]", ""),
    "strs": ('["a", "b"]', ""),
    "tensors": ("[torch.ones(2)]", ""),
    "int and None": ("[1, None]", ""),
    "ints of ints": ("[[1], [2]]", ""),
    "two ints": ("(1, 2)", ""),
    "int and str": ('(1, "a")', ""),
    "str to int": ('{"a": 1}', ""),
    "str to float": ('{"a": 1.5}', ""),
    "str to tensor": ('{"a": torch.ones(2)}', ""),
    "int to str": ('{1: "a"}', ""),
    "str to several": ('{"a": 1, "b": "c"}', ""),
    "str to ints": ('{"a": [1]}', ""),
    "set": ("{1, 2}", ""),
    "range": ("range(3)", ""),
    "lambda": ("lambda x: x", ""),
    "layer": ("nn.Linear(2, 2)", ""),
    "layers": ("[nn.Linear(2, 2)]", ""),
    "layer class": ("nn.Linear", ""),
    "function": ("torch.relu", ""),
    "enum": ("Plain.A", _ENUMS),
    "word enum": ("Word.A", _ENUMS),
    "int enum": ("Int.A", _ENUMS),
    "str enum": ("Str.A", _ENUMS),
    "mixed enum": ("Mixed.A", _ENUMS),
    "enums": ("[Plain.A, Plain.B]", _ENUMS),
    "int enums": ("[Int.A, Int.B]", _ENUMS),
    "enum class": ("Plain", _ENUMS),
    "object": ("Typed(1)", _OBJECTS),
    "object with a float": ("Typed(1.5)", _OBJECTS),
    "untyped object": ("Untyped(1)", _OBJECTS),
    "untyped object with a tensor": ("Untyped(torch.ones(2))", _OBJECTS),
    "store": ("Store()", _OBJECTS),
    "broken object": ("Broken(1)", _OBJECTS),
    "bare object": ("Bare()", _OBJECTS),
    "objects": ("[Typed(1), Typed(2)]", _OBJECTS),
    "str to object": ('{"a": Typed(1)}', _OBJECTS),
    "two objects": ("(Typed(1), Typed(2))", _OBJECTS),
    "broken objects": ("[Broken(1)]", _OBJECTS),
    "data": ("Data()", _OBJECTS),
    "named tuple": ("Pair(1, 2.5)", _TUPLES),
    "untyped named tuple": ("Point(1, 2)", _TUPLES),
}
_TYPES: dict[str, str] = {
    "int": "",
    "float": "",
    "bool": "",
    "str": "",
    "complex": "",
    "Tensor": "",
    "None": "",
    "Any": "",
    "torch.device": "",
    "torch.dtype": "",
    "torch.Size": "",
    "object": "",
    "type": "",
    "bytes": "",
    "slice": "",
    "list": "",
    "dict": "",
    "tuple": "",
    "List": "",
    "Callable": "",
    "Type[nn.Module]": "",
    "nn.Module": "",
    "nn.Linear": "",
    '"int"': "",
    'List["int"]': "",
    "Optional[int]": "",
    "Optional[float]": "",
    "Optional[str]": "",
    "Optional[Tensor]": "",
    "Optional[List[int]]": "",
    "Optional[object]": "",
    "int | None": "",
    "Union[int, str]": "",
    "List[int]": "",
    "List[float]": "",
    "List[bool]": "",
    "List[str]": "",
    "List[Tensor]": "",
    "List[Any]": "",
    "List[List[int]]": "",
    "List[Optional[int]]": "",
    "Dict[str, int]": "",
    "Dict[str, float]": "",
    "Dict[str, Tensor]": "",
    "Dict[str, Any]": "",
    "Dict[int, str]": "",
    "Dict[str, List[int]]": "",
    "Tuple[int, int]": "",
    "Tuple[float, float]": "",
    "Tuple[int, str]": "",
    "Tuple[int, ...]": "",
    "Tuple[()]": "",
    "Final[int]": "",
    "Plain": _ENUMS,
    "Int": _ENUMS,
    "Str": _ENUMS,
    "Mixed": _ENUMS,
    "List[Plain]": _ENUMS,
    "Typed": _OBJECTS,
    "Untyped": _OBJECTS,
    "Broken": _OBJECTS,
    "Data": _OBJECTS,
    "Optional[Typed]": _OBJECTS,
    "List[Typed]": _OBJECTS,
    "Dict[str, Typed]": _OBJECTS,
    "Pair": _TUPLES,
    "Point": _TUPLES,
}

ATTRIBUTES: dict[str, Attribute] = {
    name: Attribute(f"self.v = {value}", before=before) for name, (value, before) in _VALUES.items()
}
for _kind, _before in _TYPES.items():
    for _name, (_value, _needed) in _VALUES.items():
        _all = "".join(dict.fromkeys((_before, _needed)))
        ATTRIBUTES[f"{_name} as {_kind}"] = Attribute(f"self.v = {_value}", f"v: {_kind}", _all)
for _kind in ("", "Tensor", "Optional[Tensor]", "int"):
    _declared = f"v: {_kind}" if _kind else ""
    _suffix = f" as {_kind}" if _kind else ""
    for _name, _statement in {
        "buffer": 'self.register_buffer("v", torch.ones(2))',
        "no buffer": 'self.register_buffer("v", None)',
        "no parameter": 'self.register_parameter("v", None)',
        "typed attribute": "self.v = torch.jit.Attribute(torch.ones(2), Tensor)",
        "typed None": "self.v = torch.jit.Attribute(None, Tensor)",
        "typed float": "self.v = torch.jit.Attribute(1.5, int)",
        "typed list": "self.v = torch.jit.Attribute([], List[int])",
    }.items():
        ATTRIBUTES[f"{_name}{_suffix}"] = Attribute(_statement, _declared)

USES: dict[str, str] = {
    "unused": "return x",
    "added": "return x + self.v",
    "subtracted from": "return self.v - 1",
    "compared with an int": "return x if self.v == 1 else -x",
    "compared with a str": 'return x if self.v == "a" else -x',
    "compared with None": "return x if self.v is None else -x",
    "tested": "return x if self.v else -x",
    "length": "return x + len(self.v)",
    "first item": "return self.v[0]",
    "keyed": 'return self.v["a"]',
    "looped over": "for one in self.v:\n    print(one)\nreturn x",
    "contains an int": "return x if 1 in self.v else -x",
    "attribute n": "return x + self.v.n",
    "first attribute n": "return x + self.v[0].n",
    "value": "return self.v.value",
    "name": "return self.v.name",
    "called": "return self.v(x)",
    "method twice": "return x + self.v.twice()",
    "method put": "return x + self.v.put(x)",
    "upper": "return self.v.upper()",
    "appended": "self.v.append(1)\nreturn x",
    "returned": "return self.v",
    "passed to print": "print(self.v)\nreturn x",
    "set to an int": "self.v = 3\nreturn x",
    "set to a tensor": "self.v = x\nreturn x",
    "set to None": "self.v = None\nreturn x",
    "copied": "v = self.v\nreturn v",
    "asserted": "v = self.v\nassert v is not None\nreturn v",
    "isinstance of int": "if isinstance(self.v, int):\n    return x\nreturn -x",
    "compared with a member": "return x if self.v == Plain.A else -x",
    "compared with an int member": "return x if self.v == Int.A else -x",
    "given to an int": "n: int = self.v\nreturn x + n",
}
