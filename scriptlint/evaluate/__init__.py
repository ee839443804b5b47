"""Python, interpreted once: what an expression is worth before anything runs.

`evaluator` runs statements, functions and constructors over *values* (values.py) and executes nothing. What is plain
Python is decided here: binding (`binding`), builtins and what asks about objects (`builtins`, `reflection`), methods of
Python's own objects (`methods`), the pure parts of the standard library (`standard`), operators and comparisons,
attributes with properties and `__getattr__` (`attributes`), dataclasses, enums and named tuples (`classes`), exceptions.
What is not Python is asked of a *domain* (domain.py), as that of constructors in `instances/`.

What the code does not tell is a *symbol* (symbols.py): an argument that is not given, the result of code that is not
followed. It is decided as late as possible and once per *path* (path.py). A test that nothing decides is a question to the
path, and another path through the same code gives the other answer; no state is copied, each path runs from the start. A
number, list or object that an operation needs is taken for granted, and noted.

A name that is defined once means that without anything being run. For any other the body of its file is executed, once
(`imports`), so that dictionaries of classes and registries that decorators fill are known.

A budget of steps bounds everything. When it is spent, nothing that was half made is believed.
"""
