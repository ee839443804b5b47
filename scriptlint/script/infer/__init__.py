"""Inference: TorchScript's front end as a type checker that does not stop at the first error.

Twin: torch/csrc/jit/frontend/ir_emitter.cpp. A `Unit` is one function compiled for one `self`; its body is gone through in
the order in which the compiler emits it. An expression gives a `Value`, as the compiler's sugared values: a typed value, or
something that only exists while compiling (a function, a module, `range(n)`). What is refused is reported and its value is
Unknown, which never reports again.

    annotations, signatures   types/annotations.py, signature.py
    values and scopes         values.py, environment.py
    statements                statements.py, assign.py, loops.py, branches.py
    expressions               expressions.py, operators.py, subscripts.py
    names, attributes, calls  names.py, attributes.py, calls.py, builtins.py
"""
