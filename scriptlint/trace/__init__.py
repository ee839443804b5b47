"""Tracing: what a trace of a model erases or freezes.

`Flow` follows the functions that Python runs from a traced forward and gives every expression an abstract value: a
tensor, a size that the trace records, a Python constant. Where Python decides something by such a value, the decision is
made once, on the example, and `hazards` says so. Scripted and traced objects are closed calls: their branches are kept.

Ground truth: spec/trace-hazards.md, section 3 for the values and 2 for what mixes.
"""
