"""Instances: abstract objects, made by executing `__init__` without running it.

The compiler works on a live object, so what a module's methods mean is decided by what its constructor left on `self`.
`Machine` executes constructors, factories and scripts over *values* (values.py): a branch on something unknown is taken
both ways and what it leaves is remembered with its condition; a loop of unknown length is gone through once. A budget of
steps and depth bounds it; beyond that everything is Unknown, never a hang.

The same execution finds the roots: a call of `torch.jit.script` met on the way is noted with the object it was given.
"""
