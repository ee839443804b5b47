"""The survey: what runs inside the interpreter whose torch is asked.

`snapshot.make` starts that interpreter and lets it import this package, and nothing else of scriptlint: these files use
the standard library and torch only, and are the only ones of the linter (beside `confirm`'s child) that import torch.
Each file asks one kind of question and answers with plain JSON:

operators   every operator schema in overload order, those written in TorchScript too, and the attributes of a Tensor
naming      under which dotted names a thing is reached, which of them is the public one, and what kind of thing it is
functions   which Python functions the compiler compiles, and the signatures they get
objects     the nn.Module classes: bases, constructor, what an instance holds, the signatures of its compiled methods
isolate     a forked process per question, since an answer may depend on what was compiled before

Everything is asked of the real compiler by compiling: a schema that is written down here is one that it printed.
"""

from __future__ import annotations

import json
import sys
from typing import Any

SECTIONS = (
    "meta",
    "schemas",
    "written",
    "builtins",
    "tensor",
    "aliases",
    "packages",
    "names",
    "functions",
    "modules",
    "tuples",
)


def main(out: str) -> None:
    """Ask everything and write one JSON object, section name -> answers, to the file `out`."""
    import warnings

    warnings.simplefilter("ignore")
    import torch

    from scriptlint.torchlib.survey import functions, isolate, naming, objects, operators

    torch.set_num_threads(1)
    isolate.import_everything()
    names = naming.Names()
    answers: dict[str, Any] = {
        "meta": {"torch": torch.__version__.split("+")[0], "python": ".".join(map(str, sys.version_info[:3]))},
        "builtins": names.builtins(),
        "aliases": names.aliases(),
        "packages": names.packages(),
        "modules": objects.survey(names),
        "functions": functions.survey(names),
        "schemas": operators.schemas(),
        "tensor": operators.tensor_attributes(),
    }
    answers["written"] = operators.written(answers["schemas"])
    texts = {text for record in answers["functions"].values() for text in record.get("schemas", ())}
    texts |= {text for record in answers["modules"].values() for text in record.get("methods", {}).values()}
    answers["tuples"] = operators.named_tuples(texts)
    known = set(answers["schemas"]) | set(answers["written"])
    answers["names"] = names.kinds(answers["functions"], known)
    with open(out, "w", encoding="utf-8") as file:
        json.dump({section: answers[section] for section in SECTIONS}, file)
