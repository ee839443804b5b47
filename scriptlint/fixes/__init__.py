"""Fixes: builders that turn what a judgement knows into edits.

A judgement has the types and the nodes, so it asks for the fix where it reports: facts go in, a `Fix` comes out, or
None where there is more than one right answer. A fix is data (offsets, text, imports by meaning) and outlives the tree.

places        what holds a node, what runs before it, which names are taken
imports       how a file spells a name of another module, and the import that it lacks
layout        indentation and lines, for edits that add statements
wrapping      signatures that annotations make too long
statements, comprehensions, nested, strings, expressions   what the compiler's front end refuses by form
refinement    attributes that may be None
variables, branches   what local variables hold, and where they are defined
python_functions   functions of Python and NumPy that TorchScript lacks
methods       methods of Tensor that TorchScript lacks
decorators, type_comments, type_names   what speaks to the compiler
annotations   types for parameters that have none
evidence      whether a parameter without a type is used as a tensor is
kinds         what expressions are by their form, what calls of a file pass, and what it sets attributes to
guesses       the type of a parameter whose default is None
by_default    the type of a parameter whose default has one
class_annotations  types of attributes, and Final, in the body of a class
tracing       tensors and sizes that stay linked to a trace
"""
