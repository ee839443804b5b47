"""TorchScript's front end, re-stated: what `torch.jit.script` refuses in the functions that it compiles.

Each module names in its docstring the PyTorch file it re-states and keeps the order of the original.

*Form*, what a function's text alone decides: `frontend` (the tree is built: everything in the function counts, pruned
or not) and `emission` (the tree is emitted: only where code is surely compiled). Both judge functions that are really
compiled, and both report in the order in which the compiler would meet the errors.
"""
