"""Instances: the objects that constructors make, evaluated along every path through them.

The compiler works on a live object, so what a module's methods mean is decided by what its constructor left on `self`.
`machine` evaluates constructors, factories and scripts with the domain of `construction`: torch's layers (`modules`,
`torch_objects`), containers of modules (`children`), tensors with their shapes and numbers (`tensors`). A class is the
*configurations* that its constructor makes, each a concrete object with the conditions of its path and what was assumed.
Equal objects become one (`interning`), so that what is judged for one of fifty blocks is judged for all.

The same evaluation finds the roots (`roots`): a call of `torch.jit.script` on the way is noted with the object it was given.
"""
