"""Syntax: from text to a small tree of our own, and nothing else.

The tree has the node names and fields of Python's `ast`, with offsets instead of line and column, because everybody who
writes analyses for Python knows them and because `ast` can then be held against it in tests. It holds all of Python:
lowering never judges. libcst is used once per file, by `parse`, and dropped; of this package only `parse`, `spans` and
`lower_*` import it, and only they, so a run that finds its trees in the cache never pays for it.
"""
