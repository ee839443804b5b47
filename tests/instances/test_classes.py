"""What classes of Python do where they are made and where their objects are asked: decorators, metaclasses, descriptors.

Each program sets GOOD to what Python finds true. The object that is made of it compiles; the one that is made of its
opposite does not.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.judge import Judge
from tests.linter import findings

HEAD = """\
import abc
import collections
import inspect
from dataclasses import MISSING, dataclass, field, fields
from enum import Enum
from functools import wraps

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, good):
        super().__init__()
        self.drop = nn.Dropout(0.5 if good else 1)

    def forward(self, x):
        return self.drop(x)
"""
PROGRAMS = """\
### class decorator wraps init
def deco(cls):
    original = cls.__init__
    @wraps(original)
    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.extra = self.n + 1
    cls.__init__ = __init__
    return cls
@deco
class C:
    def __init__(self, n=3):
        self.n = n
GOOD = C(5).extra == 6 and C(n=7).n == 7
### class decorator on dataclass wraps init
def deco(cls):
    original = cls.__init__
    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.extra = self.n + 1
    setattr(cls, "__init__", __init__)
    return cls
@deco
@dataclass
class C:
    n: int = 3
GOOD = C(5).extra == 6 and C(n=7).n == 7
### init wrapped twice in subclass
def strict(cls):
    first = cls.__init__
    @wraps(first)
    def init(self, *a, **k):
        first(self, *a, **k)
        self.seen = getattr(self, "seen", 0) + 1
    setattr(cls, "__init__", init)
    return cls
@strict
@dataclass
class A:
    n: int = 3
@strict
@dataclass
class B(A):
    m: int = 4
GOOD = B(n=1).n == 1 and B(n=1).seen == 1 and B(m=9).m == 9
### init_subclass makes dataclass
class Base:
    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        dataclass(cls, kw_only=True)
class C(Base):
    n: int = 3
    m: float = 0.5
GOOD = C(n=5).n == 5 and C().m == 0.5
### init_subclass registry
class Base:
    found = {}
    def __init_subclass__(cls, key=None, **kw):
        super().__init_subclass__(**kw)
        Base.found[key or cls.__name__] = cls
class C(Base, key="c"):
    n = 3
class D(Base):
    n = 4
GOOD = Base.found["c"].n == 3 and Base.found["D"].n == 4
### getattribute map
class C:
    attribute_map = {"hidden": "d_model"}
    def __init__(self, d_model=3):
        self.d_model = d_model
    def __getattribute__(self, key):
        if key != "attribute_map" and key in super().__getattribute__("attribute_map"):
            key = super().__getattribute__("attribute_map")[key]
        return super().__getattribute__(key)
GOOD = C(5).hidden == 5 and C(5).d_model == 5
### setattr map
class C:
    attribute_map = {"hidden": "d_model"}
    def __setattr__(self, key, value):
        if key in super().__getattribute__("attribute_map"):
            key = super().__getattribute__("attribute_map")[key]
        super().__setattr__(key, value)
    def __init__(self):
        self.hidden = 5
GOOD = C().d_model == 5 and not hasattr(C(), "hidden")
### setattr replaced by decorator
def deco(cls):
    original = cls.__setattr__
    def __setattr__(self, name, value):
        original(self, name, value)
    cls.__setattr__ = __setattr__
    return cls
@deco
class C:
    def __init__(self, n):
        self.n = n
GOOD = C(5).n == 5
### metaclass new adds attribute
class Meta(type):
    def __new__(mcs, name, bases, ns):
        cls = super().__new__(mcs, name, bases, ns)
        cls.tag = name.lower()
        return cls
class C(metaclass=Meta):
    pass
GOOD = C.tag == "c" and C().tag == "c"
### metaclass new changes namespace
class Meta(type):
    def __new__(mcs, name, bases, ns):
        ns["size"] = len([k for k in ns if not k.startswith("_")])
        return type.__new__(mcs, name, bases, ns)
class C(metaclass=Meta):
    a = 1
    b = 2
GOOD = C.size == 2
### metaclass init registry
class Meta(type):
    found = {}
    def __init__(cls, name, bases, ns):
        super().__init__(name, bases, ns)
        Meta.found[name] = cls
class C(metaclass=Meta):
    n = 3
GOOD = Meta.found["C"].n == 3 and "C" in Meta.found
### metaclass call singleton
class Meta(type):
    made = {}
    def __call__(cls, *a, **k):
        if cls not in cls.made:
            cls.made[cls] = super().__call__(*a, **k)
        return cls.made[cls]
class C(metaclass=Meta):
    def __init__(self, n):
        self.n = n
GOOD = C(3) is C(4) and C(5).n == 3
### metaclass call post init
class Meta(type):
    def __call__(cls, *a, **k):
        obj = super().__call__(*a, **k)
        obj.post()
        return obj
class C(metaclass=Meta):
    def __init__(self, n):
        self.n = n
    def post(self):
        self.m = self.n + 1
GOOD = C(3).m == 4
### metaclass getattr
class Meta(type):
    def __getattr__(cls, name):
        return name.upper()
class C(metaclass=Meta):
    pass
GOOD = C.abc == "ABC"
### metaclass getitem
class Meta(type):
    def __getitem__(cls, k):
        return k + 1
class C(metaclass=Meta):
    pass
GOOD = C[3] == 4
### new returns other
class C:
    def __new__(cls, n):
        if n > 3:
            return D(n)
        return super().__new__(cls)
    def __init__(self, n):
        self.n = n
class D:
    def __init__(self, n):
        self.m = n
GOOD = C(2).n == 2 and C(5).m == 5 and isinstance(C(5), D)
### new singleton
class C:
    one = None
    def __new__(cls, n):
        if cls.one is None:
            cls.one = super().__new__(cls)
        return cls.one
    def __init__(self, n):
        self.n = n
a = C(3)
b = C(4)
GOOD = a is b and a.n == 4
### new sets attributes
class C:
    def __new__(cls, *args, **kw):
        obj = object.__new__(cls)
        obj.args = args
        return obj
    def __init__(self, a, b):
        self.s = a + b
GOOD = C(1, 2).args == (1, 2) and C(1, 2).s == 3
### data descriptor
class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name
    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        return getattr(obj, self.name, 0)
    def __set__(self, obj, value):
        setattr(obj, self.name, abs(value))
class C:
    n = Positive()
    def __init__(self, n):
        self.n = n
GOOD = C(-5).n == 5 and C(-5)._n == 5
### descriptor default
class Default:
    def __init__(self, v):
        self.v = v
    def __get__(self, obj, owner):
        return self.v
class C:
    n = Default(7)
GOOD = C().n == 7 and C.n == 7
### class property descriptor
class classproperty:
    def __init__(self, f):
        self.f = f
    def __get__(self, obj, owner):
        return self.f(owner)
class C:
    a = 4
    @classproperty
    def n(cls):
        return cls.a + 1
GOOD = C.n == 5 and C().n == 5
### dict init update dict
class D(dict):
    def __init__(self, **k):
        super().__init__(**k)
        self.__dict__ = self
d = D(a=1)
GOOD = d.a == 1 and d["a"] == 1
### OrderedDict subclass
class O(collections.OrderedDict):
    def __getitem__(self, k):
        c = super().__getitem__(k)
        cls, kw = c if isinstance(c, tuple) else (c, {})
        return cls(**kw)
o = O({"a": dict, "b": (dict, {"n": 3})})
k = "b-c".split("-")[0]
GOOD = o["a"] == {} and o[k] == {"n": 3}
### abc abstract
class A(abc.ABC):
    @abc.abstractmethod
    def n(self): ...
    @property
    @abc.abstractmethod
    def m(self): ...
class B(A):
    def n(self): return 1
    @property
    def m(self): return 2
GOOD = B().n() + B().m == 3
### class_getitem
class G:
    def __class_getitem__(cls, k):
        return (cls.__name__, k)
GOOD = G[3] == ("G", 3)
### dir of class
class C:
    def validate_a(self): return 1
    def validate_b(self): return 2
    x = 3
names = [n for n in dir(C) if n.startswith("validate_")]
GOOD = names == ["validate_a", "validate_b"] and sum(getattr(C, n)(C()) for n in names) == 3
### type of new is cls
class C:
    pass
o = C.__new__(C)
GOOD = type(o) == C and type(o) is C and isinstance(o, C)
### fastcore meta
class FixSigMeta(type):
    def __new__(cls, name, bases, dict):
        res = super().__new__(cls, name, bases, dict)
        if res.__init__ is not object.__init__:
            res.__signature__ = inspect.signature(res.__init__)
        return res
class Meta(FixSigMeta):
    def __call__(cls, *args, **kwargs):
        res = cls.__new__(cls)
        if type(res) == cls:
            if hasattr(res, "__pre_init__"):
                res.__pre_init__(*args, **kwargs)
            res.__init__(*args, **kwargs)
            if hasattr(res, "__post_init__"):
                res.__post_init__(*args, **kwargs)
        return res
class Module(nn.Module, metaclass=Meta):
    def __pre_init__(self, *args, **kwargs):
        super().__init__()
    def __init__(self):
        pass
class L(Module):
    def __init__(self, n, p=0.5):
        self.n = n
        self.fc = nn.Linear(n, 2)
GOOD = L(3).n == 3 and L(3).fc.in_features == 3
### plain meta call
class Meta(type):
    def __call__(cls, *args, **kwargs):
        res = cls.__new__(cls, *args)
        res.__init__(*args, **kwargs)
        res.done = True
        return res
class C(metaclass=Meta):
    def __init__(self, n):
        self.n = n
class D(nn.Module, metaclass=Meta):
    def __init__(self, n):
        super().__init__()
        self.n = n
GOOD = C(3).n == 3 and C(3).done and D(4).n == 4 and D(4).done
### meta call with own new
class Meta(type):
    def __call__(cls, *args):
        res = cls.__new__(cls, *args)
        if isinstance(res, cls):
            res.__init__(*args)
        return res
class C(metaclass=Meta):
    def __new__(cls, n):
        o = super().__new__(cls)
        o.m = n + 1
        return o
    def __init__(self, n):
        self.n = n
GOOD = C(3).n == 3 and C(3).m == 4
### module new
class C(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.a = a
o = C.__new__(C)
o.__init__(4)
GOOD = o.a == 4
### decorator makes init super
def auto(cls):
    old = cls.__init__
    def init(self, *a, **k):
        nn.Module.__init__(self)
        old(self, *a, **k)
    cls.__init__ = init
    return cls
@auto
class C(nn.Module):
    def __init__(self, a):
        self.a = a
        self.fc = nn.Linear(a, 2)
GOOD = C(3).a == 3 and C(3).fc.out_features == 2
### functional enum
N = Enum("N", "Batch Weight Spectral")
GOOD = N.Batch != N.Weight and N.Batch == N.Batch and N.Batch is not N.Weight
### functional enum in
N = Enum("N", "Batch Weight Spectral")
GOOD = N.Batch in (N.Batch, N.Weight) and N.Spectral not in (N.Batch, N.Weight)
### functional enum value
N = Enum("N", "Batch Weight")
GOOD = N.Batch.value == 1 and N.Weight.name == "Weight"
### functional enum that starts elsewhere
N = Enum("N", "Batch Weight", start=0)
GOOD = N.Batch.value == 0
### functional enum default
N = Enum("N", "Batch Weight")
def f(n=N.Batch):
    return 1 if n == N.Weight else 2
GOOD = f() == 2 and f(N.Weight) == 1
"""
_, *PARTS = re.split(r"^### (.*)$", PROGRAMS, flags=re.M)
CASES = [pytest.param(body, id=name.replace(" ", "-")) for name, body in zip(PARTS[::2], PARTS[1::2], strict=True)]


@pytest.mark.parametrize("body", CASES)
def test_both_judges_agree(body: str, judge: Judge, tmp_path: Path) -> None:
    program = f"{HEAD}{body}\ntorch.jit.script(Net(GOOD))\n"
    assert [one for one in findings(program, tmp_path) if one.severity != "note"] == []
    verdict = judge.run(program)
    assert verdict.verdict == "ok", verdict.words


@pytest.mark.parametrize("body", CASES)
def test_the_opposite_is_refused(body: str, tmp_path: Path) -> None:
    program = f"{HEAD}{body}\ntorch.jit.script(Net(not GOOD))\n"
    assert [(one.name, one.when) for one in findings(program, tmp_path)] == [("unscriptable-torch-module", None)]
