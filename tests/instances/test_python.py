"""What Python says of an expression, the evaluator says: classes, functions and the standard library in one program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from scriptlint.evaluate.values import Const
from tests.projects import Files

DEFINITIONS = """\
import abc
import collections
import collections.abc
import contextlib
import copy
import dataclasses
import enum
import functools
import inspect
import itertools
import json
import math
import numbers
import operator
import os
import re
import string
import sys
import textwrap
import types
import typing
import warnings
from collections import OrderedDict, namedtuple, defaultdict, Counter, deque, ChainMap
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from functools import partial, reduce, lru_cache, singledispatch
from typing import NamedTuple, Optional, Union, Dict, List, Any, Callable

import torch
from torch import nn


class Feat(namedtuple("Feat", ["name", "size", "ename", "dim"], defaults=[7])):
    __slots__ = ()

    def __new__(cls, name, size, ename=None):
        if ename is None:
            ename = name
        return super(Feat, cls).__new__(cls, name, size, ename)

    @property
    def double(self):
        return self.size * 2

    def __hash__(self):
        return hash(self.name)


class SubFeat(Feat):
    def triple(self):
        return self.size * 3


Base = namedtuple("Base", "x y")


class OfBase(Base):
    def area(self):
        return self.x * self.y


class Typed(NamedTuple):
    a: int
    b: str = "k"

    def both(self):
        return (self.b, self.a)

    @classmethod
    def make(cls, a):
        return cls(a * 2)


class SubTyped(Typed):
    def __new__(cls, a):
        return super().__new__(cls, a, "s")


class Color(Enum):
    RED = 1
    GREEN = "g"

    @property
    def lower(self):
        return self.name.lower()

    @classmethod
    def default(cls):
        return cls.RED


class Auto(Enum):
    A = auto()
    B = auto()


class Num(IntEnum):
    ONE = 1
    TWO = 2


class Flag(enum.Flag):
    X = 1
    Y = 2


class Kinds(str, Enum):
    CONV = "conv"
    LIN = "linear"

    def __str__(self):
        return self.value


@dataclass
class Conf:
    width: int = 8
    names: List[str] = field(default_factory=list)
    depth: Optional[int] = None
    kw: Dict[str, int] = field(default_factory=lambda: {"a": 1})

    def __post_init__(self):
        if self.depth is None:
            self.depth = self.width * 2

    @property
    def area(self):
        return self.width * self.depth


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 2

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


@dataclass
class SubConf(Conf):
    extra: str = "e"


@dataclass(order=True)
class Ord:
    a: int


class Meta(type):
    registry = {}

    def __new__(mcs, name, bases, attrs):
        cls = super().__new__(mcs, name, bases, attrs)
        mcs.registry[name] = cls
        return cls


class WithMeta(metaclass=Meta):
    pass


class Hooked:
    seen = []

    def __init_subclass__(cls, tag=None, **kwargs):
        super().__init_subclass__(**kwargs)
        Hooked.seen.append((cls.__name__, tag))
        cls.tag = tag


class H1(Hooked, tag="one"):
    pass


class Desc:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, objtype=None):
        if obj is None:
            return self
        return getattr(obj, self.name, 5)

    def __set__(self, obj, value):
        setattr(obj, self.name, value * 2)


class UsesDesc:
    a = Desc()

    def __init__(self, a=None):
        if a is not None:
            self.a = a


class Vec:
    def __init__(self, *items):
        self.items = list(items)

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    def __setitem__(self, i, v):
        self.items[i] = v

    def __iter__(self):
        return iter(self.items)

    def __contains__(self, v):
        return v in self.items

    def __eq__(self, other):
        return isinstance(other, Vec) and self.items == other.items

    def __hash__(self):
        return 1

    def __lt__(self, other):
        return len(self) < len(other)

    def __add__(self, other):
        return Vec(*self.items, *other.items)

    def __radd__(self, other):
        return self if other == 0 else self + other

    def __mul__(self, n):
        return Vec(*(i * n for i in self.items))

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(*(-i for i in self.items))

    def __bool__(self):
        return bool(self.items)

    def __call__(self, n):
        return self.items[n]

    def __repr__(self):
        return f"Vec({self.items})"

    def __str__(self):
        return "vec"

    def __enter__(self):
        self.items.append("in")
        return self

    def __exit__(self, *exc):
        self.items.append("out")
        return True

    def __int__(self):
        return len(self.items)

    def __index__(self):
        return len(self.items)


class Lazy:
    def __getattr__(self, name):
        if name.startswith("x_"):
            return name[2:]
        raise AttributeError(name)

    @functools.cached_property
    def big(self):
        return 42

    @staticmethod
    def st(a, b=3):
        return a + b

    @classmethod
    def cm(cls, *args, **kw):
        return (cls.__name__, args, kw)


class MyDict(dict):
    def __getattr__(self, k):
        return self[k]

    def __setattr__(self, k, v):
        self[k] = v


class MyOD(OrderedDict):
    pass


class MyList(list):
    def second(self):
        return self[1]


class MyInt(int):
    def plus(self, n):
        return self + n


class MyStr(str):
    def shout(self):
        return self.upper() + "!"


class MyTuple(tuple):
    def first(self):
        return self[0]


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


class Registry:
    def __init__(self, name):
        self._name = name
        self._map = {}

    def register(self, obj=None, *, name=None):
        if obj is None:
            def deco(o):
                self._map[name or o.__name__] = o
                return o
            return deco
        self._map[obj.__name__] = obj
        return obj

    def get(self, name):
        ret = self._map.get(name)
        if ret is None:
            raise KeyError(f"No object named '{name}' in '{self._name}'")
        return ret

    def __contains__(self, name):
        return name in self._map

    def __iter__(self):
        return iter(self._map.items())


R = Registry("r")


@R.register
def f1(a):
    return a + 1


@R.register(name="second")
def f2(a, *args, b=2, **kw):
    return (a, args, b, kw)


def gen(n):
    for i in range(n):
        got = yield i
    return "done"


def delegating(n):
    r = yield from gen(n)
    yield r


def counter():
    n = 0

    def inc(by=1):
        nonlocal n
        n += by
        return n

    return inc


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@lru_cache(maxsize=None)
def cached(n):
    return n * n


@contextlib.contextmanager
def cm(v):
    yield v + 1


def use_cm():
    with cm(2) as v, contextlib.suppress(KeyError):
        {}["a"]
    return v


def tries(x):
    log = []
    try:
        if x == 0:
            raise ValueError("zero")
        if x == 1:
            {}["k"]
        if x == 2:
            return "early"
        log.append("body")
    except ValueError as e:
        log.append(str(e))
    except (KeyError, IndexError):
        log.append("lookup")
    else:
        log.append("else")
    finally:
        log.append("finally")
    return log


def matches(v):
    match v:
        case 0:
            return "zero"
        case [a, b]:
            return ("pair", a, b)
        case [a, *rest]:
            return ("many", a, rest)
        case {"k": x, **rest}:
            return ("map", x, rest)
        case str() as s if s.startswith("a"):
            return ("a", s)
        case Point(x=0, y=y):
            return ("origin", y)
        case Point(x, y):
            return ("point", x, y)
        case int() | float():
            return "num"
        case None:
            return "none"
        case _:
            return "other"


def walrus(xs):
    out = []
    while (x := xs.pop()) != 0:
        out.append(x)
    return out


def kwonly(a, /, b, *, c=1, **k):
    return (a, b, c, k)


def star(*a, **k):
    return a, k


def for_else(xs, y):
    for x in xs:
        if x == y:
            r = "found"
            break
    else:
        r = "none"
    return r


def deep(d, path):
    for p in path.split("."):
        d = d[p]
    return d


def swap(a, b):
    a, b = b, a
    return a, b


def unpack():
    a, (b, *c), d = 1, (2, 3, 4), 5
    return a, b, c, d


def aug():
    a = [1]
    b = a
    b += [2]
    c = (1,)
    d = c
    d += (2,)
    x = 3
    x **= 2
    x //= 2
    x |= 1
    return a, c, d, x


GLOBAL = 0


def bump():
    global GLOBAL
    GLOBAL += 1
    return GLOBAL


class Mixin:
    def who(self):
        return "mixin:" + super().who()


class Root:
    def who(self):
        return "root"


class Mixed(Mixin, Root):
    pass


class AbstractThing(abc.ABC):
    @abc.abstractmethod
    def go(self):
        ...

    @property
    @abc.abstractmethod
    def p(self):
        ...


class Concrete(AbstractThing):
    def go(self):
        return 1

    p = 3


@singledispatch
def sd(x):
    return "obj"


@sd.register
def _(x: int):
    return "int"


@sd.register(list)
def _(x):
    return "list"


def deco_args(times):
    def deco(fn):
        @functools.wraps(fn)
        def inner(*a, **k):
            return fn(*a, **k) * times
        inner.times = times
        return inner
    return deco


@deco_args(3)
def decorated(x):
    'Doc.'
    return x + 1


class Tree:
    def __init__(self, v, kids=()):
        self.v = v
        self.kids = list(kids)

    def walk(self):
        yield self.v
        for k in self.kids:
            yield from k.walk()

    def depth(self):
        return 1 + max((k.depth() for k in self.kids), default=0)


class Private:
    def __init__(self):
        self.__seen = 1

    def asked(self):
        return hasattr(self, "__seen"), getattr(self, "__seen", 5), self.__seen


SENTINEL = object()
OVERRIDES = {}


def override(name, value):
    OVERRIDES[name] = value


def legacy(**kwargs):
    given = kwargs.get("weights", SENTINEL)
    if given is not SENTINEL:
        return "positional"
    return given is SENTINEL, given == SENTINEL, object() is SENTINEL


def overridden(name):
    if name in OVERRIDES:
        return OVERRIDES[name]
    return OVERRIDES.get(name, "default")


def sized(items, count):
    if not len(items) == count:
        if count > 2:
            raise ValueError("many")
        else:
            message = "few"
            raise ValueError(message)
    return "fits"
"""
# Each is true.
TRUE = r"""
legacy() == (True, True, False)
legacy(weights=None) == "positional"
sized([1, 2], 2) == "fits"
overridden("relu") == "default"
Private().asked() == (False, 5, 1)
len(Color) == 2
"RED" in Color.__members__
list(Color.__members__) == ["RED", "GREEN"]
Color.__members__["RED"] is Color.RED
isinstance(Num.ONE, int)
isinstance(Kinds.CONV, str)
isinstance(Color.RED, Enum)
nn.ReLU().training
matches([1, 2]) == ("pair", 1, 2)
matches((1, 2, 3)) == ("many", 1, [2, 3])
matches({"k": 1, "z": 2}) == ("map", 1, {"z": 2})
matches("abc") == ("a", "abc")
matches(Point(0, 5)) == ("origin", 5)
matches(Point(1, 5)) == ("point", 1, 5)
matches(3.5) == "num"
matches(None) == "none"
matches("zz") == "other"
Feat("a", 3).ename == "a"
Feat("a", 3).dim == 7
Feat("a", 3).double == 6
Feat("a", 3)[1] == 3
Feat("a", 3)._asdict()["ename"] == "a"
Feat("a", 3)._replace(size=4).size == 4
SubFeat("a", 3).triple() == 9
SubFeat("a", 3, "z").ename == "z"
isinstance(SubFeat("a", 3), Feat)
isinstance(Feat("a", 3), tuple)
OfBase(2, 3).area() == 6
OfBase(y=2, x=5).x == 5
len(OfBase(2, 3)) == 2
Typed(1).both() == ("k", 1)
Typed.make(2).a == 4
SubTyped(4).b == "s"
SubTyped(4).both() == ("s", 4)
Typed(1) == (1, "k")
Color.RED.value == 1
Color.RED.name == "RED"
Color.RED.lower == "red"
Color("g") is Color.GREEN
Color["GREEN"] is Color.GREEN
[c.name for c in Color] == ["RED", "GREEN"]
Color.default() is Color.RED
Color.RED != Color.GREEN
Color.RED in [Color.RED]
{Color.RED: 1}[Color.RED] == 1
Auto.B.value == 2
Num.TWO > Num.ONE
Num.TWO == 2
Num.TWO + 1 == 3
Kinds.CONV == "conv"
str(Kinds.CONV) == "conv"
f"{Kinds.CONV}" == "conv"
Kinds("linear") is Kinds.LIN
Kinds.CONV.value.upper() == "CONV"
Kinds.CONV in ("conv", "x")
{"conv": 1}[Kinds.CONV] == 1
Conf().depth == 16
Conf(width=3).area == 18
Conf(3, depth=5).depth == 5
Conf().names == []
Conf().kw["a"] == 1
Conf() == Conf()
Conf(1) != Conf(2)
dataclasses.asdict(Conf())["width"] == 8
dataclasses.asdict(SubConf(names=["q"])) == {"width": 8, "names": ["q"], "depth": 16, "kw": {"a": 1}, "extra": "e"}
dataclasses.replace(Conf(), width=5).width == 5
[f.name for f in dataclasses.fields(SubConf)] == ["width", "names", "depth", "kw", "extra"]
dataclasses.is_dataclass(Conf)
dataclasses.is_dataclass(Conf())
not dataclasses.is_dataclass(Vec)
(Point(1) + Point(2)).x == 3
Point(1) == Point(1, 2)
SubConf(extra="q").extra == "q"
vars(Conf())["width"] == 8
Conf.__dataclass_fields__["width"].name == "width"
isinstance(WithMeta, Meta)
H1.tag == "one"
Hooked.seen == [("H1", "one")]
len(Vec(1, 2)) == 2
Vec(1, 2)[0] == 1
Vec(1, 2)[-1] == 2
2 in Vec(1, 2)
3 not in Vec(1, 2)
list(Vec(1, 2)) == [1, 2]
Vec(1) == Vec(1)
Vec(1) != Vec(2)
Vec(1) < Vec(1, 2)
Vec(1, 2) > Vec(1)
(Vec(1) + Vec(2)).items == [1, 2]
sum([Vec(1), Vec(2)], 0).items == [1, 2]
sum([Vec(1), Vec(2)]).items == [1, 2]
(Vec(1) * 2).items == [2]
(2 * Vec(1)).items == [2]
(-Vec(1)).items == [-1]
not Vec()
bool(Vec(0))
Vec(4, 5)(1) == 5
repr(Vec(1)) == "Vec([1])"
str(Vec(1)) == "vec"
f"{Vec(1)}" == "vec"
f"{Vec(1)!r}" == "Vec([1])"
int(Vec(1, 2)) == 2
max(Vec(3, 5)) == 5
sorted(Vec(3, 1)) == [1, 3]
[a for a in Vec(1, 2)] == [1, 2]
(lambda a, b: b)(*Vec(1, 2)) == 2
dict(zip(Vec("a"), Vec(1))) == {"a": 1}
Lazy().x_foo == "foo"
getattr(Lazy(), "y", 3) == 3
not hasattr(Lazy(), "y")
hasattr(Lazy(), "x_y")
Lazy().big == 42
Lazy.st(1) == 4
Lazy().st(1, b=1) == 2
Lazy.cm(1, k=2) == ("Lazy", (1,), {"k": 2})
Lazy().cm()[0] == "Lazy"
MyDict(a=1).a == 1
MyDict({"a": 1})["a"] == 1
isinstance(MyDict(), dict)
len(MyDict(a=1, b=2)) == 2
"a" in MyDict(a=1)
dict(MyDict(a=1)) == {"a": 1}
MyDict(a=1).get("b", 3) == 3
list(MyOD(a=1, b=2)) == ["a", "b"]
MyOD([("a", 1)])["a"] == 1
isinstance(MyList(), list)
isinstance(MyInt(3), int)
Slots(3).a == 3
not hasattr(Slots(3), "b")
R.get("f1")(1) == 2
R.get("second")(1, 2, 3, b=4, z=5) == (1, (2, 3), 4, {"z": 5})
"f1" in R
"nope" not in R
[k for k, _ in R] == ["f1", "second"]
list(gen(3)) == [0, 1, 2]
next(gen(2)) == 0
next(iter([]), 5) == 5
sum(i for i in gen(4) if i % 2) == 4
(lambda c: (c(), c(2), c()))(counter()) == (1, 3, 4)
fib(10) == 55
cached(4) == 16
use_cm() == 3
tries(0) == ["zero", "finally"]
tries(1) == ["lookup", "finally"]
tries(2) == "early"
tries(3) == ["body", "else", "finally"]
matches(0) == "zero"
walrus([0, 1, 2]) == [2, 1]
kwonly(1, b=2, z=3) == (1, 2, 1, {"z": 3})
star(1, *[2, 3], k=4, **{"j": 5}) == ((1, 2, 3), {"k": 4, "j": 5})
for_else([1, 2], 2) == "found"
for_else([1, 2], 3) == "none"
deep({"a": {"b": 3}}, "a.b") == 3
swap(1, 2) == (2, 1)
unpack() == (1, 2, [3, 4], 5)
aug() == ([1, 2], (1,), (1, 2), 5)
bump() >= 1
Mixed().who() == "mixin:root"
[c.__name__ for c in Mixed.__mro__] == ["Mixed", "Mixin", "Root", "object"]
Mixed.__mro__[1] is Mixin
issubclass(Mixed, Root)
Concrete().go() == 1
Concrete().p == 3
issubclass(Concrete, abc.ABC)
decorated(1) == 6
decorated.__name__ == "decorated"
decorated.__wrapped__(1) == 2
list(Tree(1, [Tree(2, [Tree(3)]), Tree(4)]).walk()) == [1, 2, 3, 4]
Tree(1, [Tree(2, [Tree(3)])]).depth() == 3
type(3) is int
type([]) is list
type(Vec()) is Vec
type(Vec()).__name__ == "Vec"
Vec().__class__.__name__ == "Vec"
isinstance(True, int)
isinstance(3, numbers.Number)
isinstance([], collections.abc.Sequence)
isinstance({}, collections.abc.Mapping)
isinstance(Vec(), collections.abc.Iterable)
isinstance(len, types.BuiltinFunctionType)
callable(Vec())
callable(len)
not callable(3)
isinstance(OrderedDict(), dict)
defaultdict(list, {"a": [1]})["a"] == [1]
defaultdict(int)["q"] == 0
Counter("aab")["a"] == 2
Counter(["x"])["zz"] == 0
deque([1, 2]).popleft() == 1
reduce(operator.mul, [1, 2, 3], 2) == 12
reduce(lambda a, b: a + [b], [1, 2], []) == [1, 2]
partial(star, 1, k=2)(3, j=4) == ((1, 3), {"k": 2, "j": 4})
partial(star, 1).args == (1,)
partial(star, k=1).keywords == {"k": 1}
partial(star, 1).func is star
functools.reduce(math.gcd, [12, 18, 27]) == 3
list(itertools.chain([1], [2, 3])) == [1, 2, 3]
list(itertools.chain.from_iterable([[1], [2]])) == [1, 2]
list(itertools.product([1, 2], "ab")) == [(1, "a"), (1, "b"), (2, "a"), (2, "b")]
list(itertools.product([0, 1], repeat=2))[-1] == (1, 1)
list(itertools.combinations([1, 2, 3], 2)) == [(1, 2), (1, 3), (2, 3)]
list(itertools.permutations([1, 2])) == [(1, 2), (2, 1)]
list(itertools.accumulate([1, 2, 3])) == [1, 3, 6]
list(itertools.accumulate([1, 2, 3], operator.mul)) == [1, 2, 6]
list(itertools.repeat(1, 3)) == [1, 1, 1]
list(itertools.islice(itertools.count(2), 3)) == [2, 3, 4]
list(itertools.islice(itertools.cycle([1, 2]), 3)) == [1, 2, 1]
list(itertools.zip_longest([1], [2, 3], fillvalue=0)) == [(1, 2), (0, 3)]
[(k, list(g)) for k, g in itertools.groupby([1, 1, 2])] == [(1, [1, 1]), (2, [2])]
list(itertools.starmap(pow, [(2, 3)])) == [8]
list(itertools.compress([1, 2, 3], [1, 0, 1])) == [1, 3]
list(itertools.pairwise([1, 2, 3])) == [(1, 2), (2, 3)]
list(itertools.filterfalse(lambda v: v % 2, [1, 2])) == [2]
list(zip([1, 2], [3, 4])) == [(1, 3), (2, 4)]
list(zip(*[(1, 2), (3, 4)])) == [(1, 3), (2, 4)]
list(enumerate("ab", 1)) == [(1, "a"), (2, "b")]
list(map(lambda a, b: a + b, [1], [2])) == [3]
list(filter(None, [0, 1, "", "a"])) == [1, "a"]
list(reversed([1, 2])) == [2, 1]
list(reversed(range(3))) == [2, 1, 0]
sorted([3, 1], reverse=True) == [3, 1]
sorted({"b": 1, "a": 2}) == ["a", "b"]
sorted(["bb", "a"], key=len) == ["a", "bb"]
sorted([(1, "b"), (1, "a")], key=lambda t: (t[0], t[1])) == [(1, "a"), (1, "b")]
max([1, 3], default=0) == 3
max([], default=0) == 0
max({"a": 1, "b": 3}.items(), key=lambda kv: kv[1])[0] == "b"
min(3, 1, 2) == 1
any(x > 1 for x in [1, 2])
all([1, True, "a"])
abs(-3) == 3
divmod(7, 2) == (3, 1)
pow(2, 5, 7) == 4
round(2.567, 2) == 2.57
round(2.5) == 2
int("12") == 12
int("ff", 16) == 255
int(3.9) == 3
float("1.5") == 1.5
bin(5) == "0b101"
hex(255) == "0xff"
ord("a") == 97
chr(98) == "b"
bool([]) is False
tuple([1]) == (1,)
set([1, 1]) == {1}
frozenset([1, 2]) == frozenset([2, 1])
dict([("a", 1)], b=2) == {"a": 1, "b": 2}
dict.fromkeys(["a", "b"], 0) == {"a": 0, "b": 0}
{**{"a": 1}, "b": 2} == {"a": 1, "b": 2}
{"a": 1} | {"b": 2} == {"a": 1, "b": 2}
{"a": 1}.items() >= {"a": 1}.items()
list({"a": 1, "b": 2}.values()) == [1, 2]
{k: v for k, v in zip("ab", [1, 2])} == {"a": 1, "b": 2}
{"a": 1}.pop("a") == 1
{"a": 1}.pop("z", None) is None
{"a": 1}.setdefault("b", 2) == 2
{"b": 1, "a": 2}.popitem() == ("a", 2)
{1, 2} & {2, 3} == {2}
{1, 2} | {3} == {1, 2, 3}
{1, 2} - {2} == {1}
{1}.issubset({1, 2})
{1, 2}.isdisjoint({3})
[1, 2, 3][::-1] == [3, 2, 1]
[1, 2, 3][-2:] == [2, 3]
[1, 2, 3][slice(0, 2)] == [1, 2]
list(range(10))[2:8:3] == [2, 5]
[1] * 3 == [1, 1, 1]
[[0] * 2 for _ in range(2)] == [[0, 0], [0, 0]]
(1, 2) + (3,) == (1, 2, 3)
[x for x in range(5) if x % 2 if x > 1] == [3]
[(i, j) for i in range(2) for j in range(i)] == [(1, 0)]
[1, 2, 3].index(2) == 1
[1, 2, 2].count(2) == 2
(lambda l: (l.insert(1, 9), l)[1])([1, 2]) == [1, 9, 2]
(lambda l: (l.sort(reverse=True), l)[1])([1, 2]) == [2, 1]
(lambda l: (l.remove(1), l)[1])([1, 2]) == [2]
(lambda l: (l.extend(range(2)), l)[1])([5]) == [5, 0, 1]
(lambda l: (l.reverse(), l)[1])([5, 6]) == [6, 5]
"a-b".split("-") == ["a", "b"]
"a.b.c".rsplit(".", 1) == ["a.b", "c"]
"abc".partition("b") == ("a", "b", "c")
"a_b".replace("_", "") == "ab"
"Hello".lower() == "hello"
"hello world".title() == "Hello World"
"abc".startswith(("x", "a"))
"abc".endswith("bc")
"  a ".strip() == "a"
"xxaxx".strip("x") == "a"
"abc".find("z") == -1
"%s-%d" % ("a", 3) == "a-3"
"%.2f" % 1.234 == "1.23"
"%(a)s" % {"a": 1} == "1"
"{}-{b}".format(1, b=2) == "1-2"
"{0[a]}".format({"a": 1}) == "1"
"{:03d}".format(7) == "007"
f"{3:>4}" == "   3"
f"{1.5:.1f}" == "1.5"
f"{'a'!r}" == "'a'"
f"{[1, 2]}" == "[1, 2]"
"a" in "abc"
"abc"[1] == "b"
"abc"[::-1] == "cba"
"a" * 3 == "aaa"
"b3".isdigit() is False
"abc".isalpha()
"".join(sorted("cab")) == "abc"
",".join(str(i) for i in range(3)) == "0,1,2"
"a,b".split(",")[-1] == "b"
"removed_x".removesuffix("_x") == "removed"
"x_a".removeprefix("x_") == "a"
"aBc".swapcase() == "AbC"
"3.14".isnumeric() is False
"v1.2.3".lstrip("v").split(".")[0] == "1"
tuple(int(p) for p in "1.10.2".split(".")[:2]) >= (1, 8)
re.match(r"(\w+)(\d)", "ab1").group(1) == "ab"
re.match(r"(\w)(\d)", "a1").groups() == ("a", "1")
re.match(r"(?P<k>\w)(?P<n>\d)", "a1").group("n") == "1"
re.match(r"(?P<k>\w)", "a").groupdict() == {"k": "a"}
re.match(r"z", "a") is None
re.findall(r"\d+", "a1b22") == ["1", "22"]
re.findall(r"(\w)(\d)", "a1b2") == [("a", "1"), ("b", "2")]
re.sub(r"\d", "#", "a1") == "a#"
re.sub(r"(\w)(\d)", r"\2\1", "a1") == "1a"
re.split(r"[,;]", "a,b;c") == ["a", "b", "c"]
re.split(r"(\d.*)", "s2") == ["s", "2", ""]
re.search(r"b", "abc") is not None
re.search(r"b", "abc").start() == 1
re.compile(r"\d+").findall("1 22") == ["1", "22"]
re.compile(r"(\d)(\w)").match("1a").group(2) == "a"
re.compile(r"(\d)").search("x1").span() == (1, 2)
[m.group() for m in re.finditer(r"\d", "1a2")] == ["1", "2"]
re.sub(r"\d", lambda m: str(int(m.group()) + 1), "a1") == "a2"
re.escape("a.b") == "a\\.b"
math.sqrt(16) == 4
math.ceil(2.1) == 3
math.floor(-2.1) == -3
math.log2(8) == 3
math.prod([1, 2, 3]) == 6
math.gcd(12, 18) == 6
math.isclose(0.1 + 0.2, 0.3)
math.inf > 3
math.isnan(math.nan)
math.pi > 3
operator.add(1, 2) == 3
operator.itemgetter("a")({"a": 1}) == 1
operator.attrgetter("a.b")(types.SimpleNamespace(a=types.SimpleNamespace(b=1))) == 1
types.SimpleNamespace(a=1).a == 1
vars(types.SimpleNamespace(a=1)) == {"a": 1}
copy.copy([1, 2]) == [1, 2]
copy.deepcopy({"a": [1]})["a"] == [1]
copy.deepcopy(Conf(3)).width == 3
copy.copy(Vec(1)).items == [1]
json.loads('{"a": [1, 2]}')["a"] == [1, 2]
os.path.join("a", "b.py").endswith("b.py")
os.path.splitext("a.yaml")[1] == ".yaml"
os.path.basename("/a/b.txt") == "b.txt"
os.path.dirname("/a/b.txt") == "/a"
string.ascii_lowercase[:2] == "ab"
textwrap.dedent("  a") == "a"
sys.version_info >= (3, 6)
sys.version_info[0] == 3
sys.version_info.major == 3
getattr(torch.nn, "ReLU") is nn.ReLU
getattr(nn, "Nope", None) is None
hasattr(nn, "Linear")
not hasattr(nn, "Linnear")
nn.Linear(2, 3).in_features == 2
nn.Conv2d(3, 4, 3).kernel_size == (3, 3)
nn.Conv2d(3, 4, (3, 5), padding=1).padding == (1, 1)
nn.Conv2d(3, 4, 3, bias=False).bias is None
nn.BatchNorm2d(4).num_features == 4
len(nn.Sequential(nn.ReLU(), nn.ReLU())) == 2
nn.Sequential(nn.Linear(2, 3), nn.ReLU())[0].out_features == 3
nn.Sequential(nn.Linear(2, 3), nn.ReLU())[-1].__class__ is nn.ReLU
isinstance(nn.Sequential(nn.Linear(2, 3), nn.ReLU())[:1], nn.Sequential)
len(nn.Sequential(nn.Linear(2, 3), nn.ReLU())[1:]) == 1
[type(m).__name__ for m in nn.Sequential(nn.ReLU())] == ["ReLU"]
isinstance(nn.ReLU(), nn.Module)
isinstance(nn.Conv2d(1, 1, 1), (nn.Conv1d, nn.Conv2d))
issubclass(nn.Conv2d, nn.Module)
isinstance(nn.Conv2d(1, 1, 1), nn.modules.conv._ConvNd)
issubclass(nn.BatchNorm2d, nn.modules.batchnorm._BatchNorm)
nn.BatchNorm2d.__name__ == "BatchNorm2d"
len([m for m in nn.Sequential(nn.Linear(2, 3), nn.ReLU()).modules()]) == 3
[k for k, _ in nn.Sequential(nn.Linear(2, 3)).named_modules()] == ["", "0"]
dict(nn.Sequential(nn.Linear(2, 3)).named_children())["0"].in_features == 2
nn.ModuleDict({"a": nn.ReLU()})["a"].__class__.__name__ == "ReLU"
"a" in nn.ModuleDict({"a": nn.ReLU()})
list(nn.ModuleDict({"a": nn.ReLU()}).keys()) == ["a"]
len(nn.ModuleList([nn.ReLU()] * 3)) == 3
nn.LSTM(3, 4, 2).num_layers == 2
nn.Embedding(3, 4).embedding_dim == 4
torch.zeros(2, 3).shape == (2, 3)
torch.zeros(2, 3).shape[1] == 3
torch.zeros(2, 3).size() == (2, 3)
torch.zeros(2, 3).ndim == 2
torch.zeros(2, 3).dim() == 2
torch.zeros(2, 3).numel() == 6
len(torch.zeros(2, 3)) == 2
torch.tensor([1, 2]).tolist() == [1, 2]
torch.tensor(3).item() == 3
torch.arange(3).tolist() == [0, 1, 2]
torch.linspace(0, 1, 3).tolist() == [0.0, 0.5, 1.0]
torch.zeros(4)[1:3].shape[0] == 2
torch.zeros(4, 5)[0].shape[0] == 5
(torch.zeros(2, 3) + 1).shape == (2, 3)
isinstance(torch.zeros(1), torch.Tensor)
torch.is_tensor(torch.zeros(1))
torch.float32 == torch.float
nn.Parameter(torch.zeros(2, 3)).shape == (2, 3)
tuple(int(x) for x in torch.__version__.split("+")[0].split(".")[:2]) >= (1, 8)
torch.__version__ >= "1.8"
inspect.isclass(Vec)
inspect.isfunction(fib)
list(inspect.signature(kwonly).parameters) == ["a", "b", "c", "k"]
inspect.signature(kwonly).parameters["c"].default == 1
fib.__name__ == "fib"
fib.__module__ == "model"
Vec.__module__ == "model"
Vec.__len__(Vec(1)) == 1
Vec.__qualname__ == "Vec"
globals()["fib"] is fib
"Vec" in globals()
setattr(Vec, "zz", 3) is None
(lambda v: (setattr(v, "q", 4), v.q)[1])(Vec()) == 4
(lambda *, a=1: a)() == 1
(lambda x: x if x > 2 else -x)(1) == -1
not (1 and 0) or False
(0 or "a") == "a"
(1 and "b") == "b"
1 < 2 < 3
not 1 < 3 < 2
1 == 1.0
[] != [1]
(1, 2) < (1, 3)
"a" < "b"
[1, 2] == [1, 2] != [3]
7 // 2 == 3
-7 // 2 == -4
-7 % 3 == 2
2 ** -1 == 0.5
5 & 3 == 1
5 ^ 1 == 4
~5 == -6
1 << 4 == 16
3 / 2 == 1.5
1e-5 < 1
0.1 + 0.2 != 0.3
not None
None is None
typing.cast(int, 3) == 3
isinstance(ValueError("a"), Exception)
str(ValueError("a")) == "a"
ValueError("a", 2).args == ("a", 2)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("python"), DEFINITIONS)


@pytest.fixture(scope="module")
def real() -> Iterator[ModuleType]:
    module = ModuleType("model")
    sys.modules["model"] = module
    exec(compile(DEFINITIONS, "model.py", "exec"), vars(module))
    yield module
    del sys.modules["model"]


@pytest.mark.parametrize("expression", TRUE.strip().splitlines())
def test_python_and_the_evaluator_agree(expression: str, files: Files, real: ModuleType) -> None:
    assert eval(expression, vars(real)) is True
    assert files.machine.evaluate_text(expression, files.main) == Const(True)
