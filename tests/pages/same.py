"""Code for the programs that compare what two forms of a model give."""

SAME = """

def _same(one, two):
    if isinstance(one, torch.Tensor) and isinstance(two, torch.Tensor):
        return one.dtype == two.dtype and one.shape == two.shape and torch.allclose(one, two, equal_nan=True)
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(map(_same, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    return one == two
"""

# Appended to the programs of trace pages: do the trace and the model agree on another input?
COMPARISON = """

assert _same(model(*other), traced(*other)), "the trace differs"
"""

# Two texts of one program: nothing is compiled, traced or saved in either, and `model` gives the same for `example`.
EAGER = """
import torch
{same}

def _identity(model=None, *args, **kwargs):
    return model if model is not None else _identity


torch.jit.script = torch.jit.script_if_tracing = torch.jit.trace = torch.jit.save = _identity


def _run(text):
    torch.manual_seed(0)
    space = {{"__name__": "page"}}
    exec(compile(text, "page", "exec"), space)
    torch.manual_seed(0)
    return space["model"](*space["example"])


assert _same(_run({before!r}), _run({after!r})), "the fix changes what the model gives"
"""
