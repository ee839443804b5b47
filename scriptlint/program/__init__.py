"""The program: what the names in a file mean, across files, without importing any of them.

A `ModuleInfo` is one file: its tree, its scopes and its definitions. A `Project` loads files when a name leads there and
answers what an expression refers to: a `Function`, a `Class`, a `Global`, another `ModuleInfo`, or an `External`
dotted name of a package that is not followed (`torch.nn.Linear`, whatever the alias). None always means *unknown*.

Both analyses stand on this layer: script/ asks it what the compiler reaches, trace/ what Python runs.
"""
