"""Python, interpreted once: the values that expressions have before anything runs, and the evaluator that makes them.

The constructors of modules, the code that scripts and traces them and, in `trace/`, their forwards are all Python. What an
expression is worth is decided here, once, for whoever asks; what is not plain Python is asked of a *domain*.
"""
