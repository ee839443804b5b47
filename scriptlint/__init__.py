"""scriptlint tells from source whether a PyTorch model survives `torch.jit.script`, and what `torch.jit.trace` would
erase from it. If you are new here, read this page first, then the `__init__.py` of the package you care about.

The idea
========

`torch.jit.script` compiles a live object: it looks at the object's attributes, decides which methods are compiled,
types every expression, prunes branches whose condition it knows, and stops at the first thing it cannot do. scriptlint
is that compiler's front end without the object, without importing anything, and without stopping. It evaluates
`__init__` along every path to learn which objects a class makes, then looks at every function that the compiler would
reach and says everything that it would refuse. The same names and the same abstract objects feed a second analysis:
what a trace erases.

Four principles explain most of the code.

- Lowering never judges. The tree holds all of Python; what TorchScript refuses is decided later, and only for functions
  that are really compiled.
- Unknown never reports. Every question answers yes, no or unknown, and only a proven *no* is an error. What depends on
  the arguments of a constructor is said with its condition. A false alarm costs more trust than a miss.
- Code passes facts, rules hold sentences. Every finding leaves through one door, `report(RULE, span, **facts)`.
- The real compiler is the judge. Every example in the catalogue is given to torch by the tests, and nothing about
  TorchScript is believed because a document says so.

The journey of a file
=====================

    discover      paths become files, each with the settings that govern it             engine/discover
    read          bytes become text; a digest; is it in the cache?                       text/source, engine/store
    parse         libcst, once; spans counted; lowered to our tree; libcst forgotten     syntax/parse
    bind          scopes, imports, classes: a ModuleInfo, which the cache keeps          program/module
    find roots    code is executed abstractly until it scripts or traces something       instances/machine
    analyse       what is compiled is judged, what is traced is followed                 script/, trace/
    settle        selection, suppressions, duplicates, order                             engine/settle
    fix           rounds of edits, judged again before anything is written               fixes/, engine/fixing
    print         frames, lines or JSON                                                  output/

Other files are loaded when a name leads there, and never imported. What was found about a part of a run is remembered
with all that it rests on (engine/judgement), so that a run costs what depends on what changed. One that finds everything
remembered imports neither libcst nor, as always, torch.

The layers
==========

A package imports only from those above it in this table. `tests/test_layers.py` holds that.

    text        bytes to text, offsets to rows and columns, edits
    diag        Rule, Diagnostic and the one door; where the pages of the rules are
    syntax      our tree, made from libcst's (parse, spans and lower* are the only files that import it)
    program     names across files: scopes, imports, classes and their bases, decorators
    types       TorchScript's type language
    torchlib    what torch offers, as data; only its survey, in a process of its own, imports torch
    evaluate    Python, interpreted once: the values that expressions have before anything runs
    instances   the objects that constructors make, and the roots that are met on the way
    fixes       builders that turn what a judgement knows into edits
    script      TorchScript's front end: what is compiled, and what of it is refused
    trace       what a trace erases or freezes
    engine      from paths to settled findings: discovery, settings, cache, suppressions
    output      findings as text and JSON
    confirm     what the real torch says of real objects; the only part that runs user code
    server      the language server: the same findings in an editor, as the text is typed
    cli         the command line

`api` is what programs may call; `import scriptlint` offers it. `pack` is for those who add rules of their own.

`script` and `trace` do not know each other. The pages that people read lie in `rules/`, one for each rule.

The words
=========

Each has one meaning everywhere.

root        a place where compiling or tracing starts: the call or decorator, and the object or function it is given
part        what is judged and remembered as one: the roots of a file, each class that no root reaches, its decorators
outline     the code of a file without the bodies of functions, on which judgements rest that look into none of these
unit        one function that the compiler compiles, for one object, with the trail that says why it is compiled
value       what an expression stands for before anything runs: an instance, a function, a class, a constant, a tensor
            of which nothing else is known, or unknown
instance    the value that is an object: its class, and under each attribute's name the value that it holds
path        one way through the code, with an answer to every test that the code alone does not decide
configuration  an object that a class makes on one path, with the conditions and assumptions of the path
symbol      what a name means: a function, class or file whose source is seen, or the dotted name of something in a
            package that is not followed (`torch.log`, whatever the alias)
fix         edits of one file that repair a finding, applied as a whole or not at all
span        a half-open range of offsets in one file; rows and columns are made from it when it is printed
fact        a named piece of a finding that its rule's sentence has a place for: `name="x"`

Where to start reading
======================

`examples/` shows what the tool says, on the models of a tutorial. `syntax/nodes` is the tree that everything reads.
`script/frontend` is where most rules look like: the rule, the condition and the report within one screen.
`engine/analysis` is one whole run in a few hundred lines.

How to add a rule
=================

A `Rule` constant in the module that sees the construct, a call of `report` there, a page in `rules/` with a bad and a
good example, and the compiler's own words under the bad one, which the tests write when they are asked to.
CONTRIBUTING.md does it step by step with a real rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.version import __version__

if TYPE_CHECKING:
    from scriptlint.api import (
        Blocker,
        Edit,
        Finding,
        Fix,
        Location,
        Report,
        ScriptlintError,
        Step,
        Verdict,
        judge,
        lint_paths,
        lint_source,
    )

__all__ = [
    "Blocker",
    "Edit",
    "Finding",
    "Fix",
    "Location",
    "Report",
    "ScriptlintError",
    "Step",
    "Verdict",
    "__version__",
    "judge",
    "lint_paths",
    "lint_source",
]


def __getattr__(name: str) -> object:
    """Load what programs may call when it is first asked for; the command line needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module `scriptlint` has no attribute `{name}`")
    from scriptlint import api

    return getattr(api, name)
