"""The dictionaries that objects have of their own: what is stored in `__dict__` or a table of a module is set on the object."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scriptlint.evaluate.values import Const
from tests.judge import Judge
from tests.linter import findings
from tests.projects import Files

HEAD = """\
import torch, copy
from torch import nn
from types import SimpleNamespace
class Cfg:
    def __init__(self, **kw): self.__dict__.update(kw)
    def merge(self, d): self.__dict__.update(d)
"""
VALUES = """
### update in init
GOOD = Cfg(a=1).a == 1
### merge
def f():
    c = Cfg(a=None); c.merge(dict(a=2)); return c.a
GOOD = f() == 2
### subscript
def f():
    c = Cfg(); c.__dict__["b"] = 3; return c.b
GOOD = f() == 3
### vars update
def f():
    c = Cfg(); vars(c).update({"b": 4}); return c.b
GOOD = f() == 4
### pop
def f():
    c = Cfg(a=1, b=2); c.__dict__.pop("a"); return hasattr(c, "a")
GOOD = not f()
### del
def f():
    c = Cfg(a=1, b=2); del c.__dict__["a"]; return hasattr(c, "a"), c.b
GOOD = f() == (False, 2)
### setdefault
def f():
    c = Cfg(a=1); c.__dict__.setdefault("a", 5); c.__dict__.setdefault("b", 6); return c.a + c.b
GOOD = f() == 7
### clear
def f():
    c = Cfg(a=1); c.__dict__.clear(); return hasattr(c, "a")
GOOD = not f()
### copy is apart
def f():
    c = Cfg(a=1); d = dict(c.__dict__); d["a"] = 2; e = c.__dict__.copy(); e["a"] = 3; g = copy.copy(vars(c)); g["a"] = 4; return c.a
GOOD = f() == 1
### deepcopy is apart
def f():
    c = Cfg(a=1); d = copy.deepcopy(c.__dict__); d["a"] = 2; return c.a
GOOD = f() == 1
### replaced
def f():
    c = Cfg(a=1); c.__dict__ = {"b": 2}; return c.b, hasattr(c, "a")
GOOD = f() == (2, False)
### attr dict
class AttrDict(dict):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.__dict__ = self
GOOD = AttrDict(a=1, b=2).a == 1
### attr dict item
def f():
    d = AttrDict(a=1); d["c"] = 5; return d.c
class AttrDict(dict):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.__dict__ = self
GOOD = f() == 5
### attr dict set
def f():
    d = AttrDict(a=1); d.c = 5; return d["c"], len(d)
class AttrDict(dict):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.__dict__ = self
GOOD = f() == (5, 2)
### locals
class L:
    def __init__(self, a, b=2):
        self.__dict__.update(locals())
GOOD = L(1).a == 1 and L(1).b == 2
### vars locals
class L:
    def __init__(self, a, b=2):
        vars(self).update({k: v for k, v in locals().items() if k != "self"})
GOOD = L(1).b == 2
### namespace
def f():
    c = SimpleNamespace(a=1); vars(c).update(a=3); c.__dict__["b"] = 4; return c.a + c.b
GOOD = f() == 7
### other's
class O:
    def __init__(self, other): self.__dict__ = other.__dict__
GOOD = O(Cfg(a=1)).a == 1
### other's copied
class O:
    def __init__(self, other): self.__dict__.update(other.__dict__); self.b = 1
def f():
    c = Cfg(a=1); o = O(c); return o.a, hasattr(c, "b")
GOOD = f() == (1, False)
### borg
class B:
    _s = {}
    def __init__(self): self.__dict__ = self._s
def f():
    a = B(); a.x = 1; return B().x
GOOD = f() == 1
### to dict
class C2(Cfg):
    def to_dict(self): return {k: v.to_dict() if isinstance(v, C2) else v for k, v in self.__dict__.items()}
GOOD = C2(a=1, b=C2(c=2)).to_dict() == {"a": 1, "b": {"c": 2}}
### in
GOOD = "a" in Cfg(a=1).__dict__ and "b" not in vars(Cfg(a=1))
### ior
def f():
    c = Cfg(a=1); c.__dict__ |= {"a": 2}; return c.a
GOOD = f() == 2
### unpack
def g(a, b): return a - b
GOOD = g(**Cfg(a=3, b=2).__dict__) == 1
### property on
class P(Cfg):
    @property
    def q(self): return self.__dict__["q"]
    @q.setter
    def q(self, v): self.__dict__["q"] = v + 1
def f():
    p = P(); p.q = 1; return p.q
GOOD = f() == 2
### setattr hook
class S:
    def __init__(self): self.__dict__["data"] = {}
    def __setattr__(self, k, v): self.data[k] = v
    def __getattr__(self, k): return self.data[k]
def f():
    s = S(); s.a = 4; return s.a
GOOD = f() == 4
### view kept
def f():
    c = Cfg(a=1); d = c.__dict__; c.b = 2; return d.get("b")
GOOD = f() == 2
"""
MODULES = """\
import torch
from torch import nn
class Bad(nn.Module):
    def forward(self, x): return x.nothing()
"""
ACCEPTED = """
### dict update of plain
class Net(nn.Module):
    def __init__(self, **kw):
        super().__init__(); self.__dict__.update(kw)
    def forward(self, x): return x * self.k
NET = Net(k=2)
### module in dict is no child
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.__dict__["m"] = Bad()
    def forward(self, x): return x
NET = Net()
### modules table update
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self._modules.update(m=nn.Linear(2, 2))
    def forward(self, x): return self.m(x)
NET = Net()
### modules table pop
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.m = Bad(); self._modules.pop("m")
    def forward(self, x): return x
NET = Net()
### modules table del
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.m = Bad(); self.n = nn.ReLU(); del self._modules["m"]
    def forward(self, x): return self.n(x)
NET = Net()
### through dict
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.__dict__["_modules"]["m"] = nn.ReLU()
    def forward(self, x): return self.m(x)
NET = Net()
### parameter popped
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.w = nn.Parameter(torch.zeros(2)); w = self._parameters.pop("w"); self.w = w * 2
    def forward(self, x): return x + self.w
NET = Net()
### buffers
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self._buffers["b"] = torch.zeros(2); self._buffers.update(c=torch.ones(2))
    def forward(self, x): return x + self.b + self.c
NET = Net()
### locals
class Net(nn.Module):
    def __init__(self, a, b=3):
        super().__init__(); self.__dict__.update({k: v for k, v in locals().items() if k in ("a", "b")})
    def forward(self, x): return x * self.a + self.b
NET = Net(2)
### loop
class Net(nn.Module):
    def __init__(self, **kw):
        super().__init__()
        for k, v in kw.items(): self.__dict__[k] = v
    def forward(self, x): return x * self.a
NET = Net(a=2)
### loop over own
class Net(nn.Module):
    def __init__(self, a):
        super().__init__(); self.a = a
        for k, v in list(self.__dict__.items()):
            if k == "a": self.__dict__[k] = v + 1
    def forward(self, x): return x * self.a
NET = Net(2)
### other module's own
class A(nn.Module):
    def __init__(self):
        super().__init__(); self.l = nn.Linear(2, 2); self.k = 3
    def forward(self, x): return self.l(x)
class Net(nn.Module):
    def __init__(self, o):
        super().__init__(); self.__dict__ = o.__dict__
    def forward(self, x): return self.l(x) * self.k
NET = Net(A())
### other module's updated
class A(nn.Module):
    def __init__(self):
        super().__init__(); self.l = nn.Linear(2, 2); self.k = 3
    def forward(self, x): return self.l(x)
class Net(nn.Module):
    def __init__(self, o):
        super().__init__(); self.__dict__.update(vars(o))
    def forward(self, x): return self.l(x) * self.k
NET = Net(A())
### training
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.t = self.__dict__["training"]
    def forward(self, x):
        if self.t: return x
        return x + 1
NET = Net()
"""
REFUSED = """
### dict update of none
class Net(nn.Module):
    def __init__(self, **kw):
        super().__init__(); self.__dict__.update(kw)
    def forward(self, x): return x * self.k
NET = Net(k=None)
### module in dict is called
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.__dict__["m"] = nn.Linear(2, 2)
    def forward(self, x): return self.m(x)
NET = Net()
### modules table update bad
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self._modules.update(m=Bad())
    def forward(self, x): return self.m(x)
NET = Net()
### parameter gone
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.w = nn.Parameter(torch.zeros(2)); self._parameters.pop("w")
    def forward(self, x): return x + self.w
NET = Net()
### other module's
class Net(nn.Module):
    def __init__(self, o):
        super().__init__(); self.__dict__.update(o.__dict__)
    def forward(self, x): return self[0](x)
NET = Net(nn.Sequential(nn.ReLU()))
"""


def _cases(text: str) -> list[object]:
    _, *parts = re.split(r"^### (.*)$", text, flags=re.M)
    return [pytest.param(body, id=name.replace(" ", "-")) for name, body in zip(parts[::2], parts[1::2], strict=True)]


@pytest.mark.parametrize("body", _cases(VALUES))
def test_python_and_the_evaluator_agree(body: str, tmp_path: Path) -> None:
    namespace: dict[str, object] = {}
    exec(HEAD + body, namespace)
    assert namespace["GOOD"] is True
    files = Files(tmp_path, HEAD + body)
    assert files.machine.evaluate_text("GOOD", files.main) == Const(True)


@pytest.mark.parametrize("body", _cases(ACCEPTED))
def test_what_scripts_is_not_reported(body: str, judge: Judge, tmp_path: Path) -> None:
    program = f"{MODULES}{body.replace('NET = ', 'torch.jit.script(').rstrip()})\n"
    assert [one for one in findings(program, tmp_path) if one.severity != "note"] == []
    assert judge.run(program).verdict == "ok"


@pytest.mark.parametrize("body", _cases(REFUSED))
def test_what_does_not_script_is_reported(body: str, judge: Judge, tmp_path: Path) -> None:
    program = f"{MODULES}{body.replace('NET = ', 'torch.jit.script(').rstrip()})\n"
    assert [one for one in findings(program, tmp_path) if one.severity == "error"]
    assert judge.run(program).verdict != "ok"
