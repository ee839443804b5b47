"""Tracing: what a trace of a model erases or freezes.

`flow` follows the functions that Python runs from a traced forward, once for each kind of call, and gives every
expression a value (`values`): a tensor or size that the trace records, something of Python that was made from one on the
example, a constant. `statements`, `expressions`, `calls` and their neighbours say how values flow; `library` and `schemas`
what torch's own names make of them; `decisions`, `iteration`, `state`, `boundary` and `modes` judge, and report the rules
of `hazards` and `frozen`. Scripted and traced objects are closed calls: their branches are kept.

Ground truth: spec/trace-hazards.md, section 3 for the values and 2 for what mixes.
"""
