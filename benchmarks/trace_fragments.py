"""The fragments of `compose_traces.py`: values that traced code computes of its input, and what it does with them."""

from __future__ import annotations

HEAD = """\
import math
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

TABLE = {2: 1.5, 3: 2.5, 4: 3.5, "2": 4.5, "4": 5.5}
OPS = [torch.sin, torch.cos, torch.exp, torch.tanh, torch.abs]
"""

# What the model holds, and how `v` is computed of it and of the input `x`, by the kind of `v`.
VALUES = {
    "number": {
        "a size": "v = x.shape[0]",
        "a size by name": "v = x.size(1)",
        "a count": "v = x.numel()",
        "a length": "v = len(x)",
        "an int of a size": "v = int(x.shape[0])",
        "half of a size": "v = x.shape[0] // 2 + 1",
        "a quotient of sizes": "v = x.shape[1] / x.shape[0]",
        "the larger size": "v = max(x.shape[0], x.shape[1])",
        "the rank": "v = x.dim()",
        "the length of the shape": "v = len(x.shape)",
        "an item": "v = x.max().item()",
        "an int of the content": "v = int(x.sum())",
        "a tensor of one number": "v = x.argmax() + 1",
        "a number of the object": "v = self.n",
        "a size of a parameter": "v = self.weight.shape[0]",
        "a constant": "v = 2",
        "a property": "v = self.width",
        "a count of what is chosen": "v = x[x > 2].numel()",
        "a number in a tensor": "v = torch.tensor(x.shape[0])",
        "a helper's number": "v = self.ask(x)",
    },
    "test": {
        "a comparison of a size": "v = x.shape[0] > 2",
        "a comparison of the content": "v = x.sum() > 20",
        "whether all are equal": "v = torch.equal(x, x.abs())",
        "a comparison of the rank": "v = x.dim() == 2",
        "a comparison of the dtype": "v = x.dtype == torch.float32",
        "a flag of the object": "v = self.flag",
        "a type of a size": "v = isinstance(x.shape[0], int)",
        "whether it is traced": "v = torch.jit.is_tracing()",
        "membership of a size": "v = x.shape[0] in (2, 3)",
        "membership of a value": "v = 3.0 in x",
        "any of several": "v = any(row.sum() > 20 for row in x)",
        "whether it is None": "v = x is not None",
        "whether it may be negative": "v = bool((x < 0).any())",
        "a chain": "v = 1 < x.shape[0] < 4",
    },
    "sequence": {
        "the shape": "v = x.shape",
        "rows": "v = x.unbind(0)",
        "parts of two": "v = x.split(2)",
        "two halves": "v = x.chunk(2, 1)",
        "a list by a size": "v = [x[i] for i in range(x.shape[0])]",
        "a list by a constant": "v = [x * i for i in range(3)]",
        "numbers of the content": "v = x[0].tolist()",
        "a range over a size": "v = range(x.shape[0])",
        "a list of the object": "v = self.numbers",
        "a repeated list": "v = [x.mean()] * x.shape[0]",
    },
    "text": {
        "the text of a size": "v = str(x.shape[0])",
        "a formatted size": "v = f'{x.shape[0]}'",
        "the text of a number": "v = '%d' % int(x[0, 0])",
        "a text of the object": "v = self.name",
    },
}
# What is done with `v`, which gives `y`, by the kind that it is meant for.
USES = {
    "number": {
        "a factor": "y = x * v",
        "a fill": "y = x + torch.full((3,), v)",
        "zeros": "y = x.sum() + torch.zeros(int(v) + 1 if isinstance(v, float) else v + 1).sum()",
        "a slice": "y = x[:v]",
        "a tensor": "y = x + torch.tensor(v)",
        "a root": "y = x / math.sqrt(v)",
        "a power": "y = x / v ** 0.5",
        "an array": "y = x * float(np.log(v))",
        "a range": "y = x\nfor i in range(v):\n    y = y + i",
        "a branch": "y = x * 3 if v > 2 else x",
        "a minimum": "y = x * min(v, 3)",
        "a key": "y = x * TABLE.get(v, 7.0)",
        "an index": "y = OPS[v % 5](x)",
        "a text": "y = x * len(f'{v}')",
        "a roll": "y = x.roll(v, 0)",
        "a message": "print('v is', v)\ny = x * 2",
        "a check": "assert v < 50\ny = x * 2",
        "an attribute": "self.last = v\ny = x * self.last",
        "an argument": "y = self.scaled(x, v)",
        "a pooling": "y = F.max_pool1d(x[None], v)",
        "a helper with a default": "y = self.scaled(x, k=v)",
        "nothing": "y = x * 2",
    },
    "test": {
        "a branch": "if v:\n    y = x * 3\nelse:\n    y = x",
        "a choice": "y = x * (3 if v else 1)",
        "a loop's end": "y = x\nfor i in range(3):\n    y = y + 1\n    if v:\n        break",
        "a raise": "if not v:\n    raise ValueError('v')\ny = x * 2",
        "a factor": "y = x * (1.0 if not v else 2.0)",
        "and": "y = x * 3 if v and self.flag else x",
        "or": "y = x * 3 if self.flag or v else x",
        "where": "y = torch.where(torch.as_tensor(v), x * 3, x)",
        "a message": "if v:\n    print('v')\ny = x * 2",
        "nothing": "y = x * 2",
    },
    "sequence": {
        "a sum": "y = x + sum(one for one in v).sum() if hasattr(v[0], 'sum') else x + sum(v)",
        "a loop": "y = x\nfor one in v:\n    y = y * 1.5 + 1",
        "the first": "y = x + v[0]",
        "the last": "y = x * 2 + v[-1]",
        "its length": "y = x * len(v)",
        "a stack": "y = torch.stack([torch.as_tensor(one).float().sum() for one in v])",
        "an unpacking": "a, b = v\ny = x.sum() + torch.as_tensor(a).sum() * 2 + torch.as_tensor(b).sum()",
        "a tuple": "y = x.sum() + torch.zeros(tuple(v)).sum() if isinstance(v, torch.Size) else x",
        "nothing": "y = x * 2",
    },
    "text": {
        "a key": "y = x * TABLE.get(v, 7.0)",
        "a comparison": "y = x * 3 if v == '2' else x",
        "its length": "y = x * len(v)",
        "a message": "print(v)\ny = x * 2",
        "an attribute": "y = x * getattr(self, 'k' + v, 3)",
    },
}
PROGRAM = """

class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 2
        self.flag = True
        self.name = "2"
        self.k2 = 5
        self.numbers = [1.0, 2.0]
        self.weight = nn.Parameter(torch.ones(3))

    @property
    def width(self):
        return self.weight.shape[0]

    def ask(self, x):
        return x.shape[0]

    def scaled(self, x, k=2):
        return x * k

    def forward(self, x):
{body}
        return y


model = M()
example = (torch.arange(6.0).view(2, 3) + 1,)
others = [(torch.arange(12.0).view(4, 3) + 1,), (torch.arange(6.0).view(2, 3) * 5 - 9,), (torch.ones(1, 3),)]
others += [(torch.arange(12.0).view(2, 3, 2),), example]
M()(*example)  # what the model itself refuses says nothing of a trace
traced = torch.jit.trace(model, example, check_trace=False)
"""
