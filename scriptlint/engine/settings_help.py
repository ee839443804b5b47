"""What every setting is for and what it may be: for the schema of the settings, the documentation and completion.

`settings.FIELDS` checks values and gives the reason in a sentence; a test holds that both agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scriptlint.engine.formats import FORMATS
from scriptlint.engine.settings import REQUIRED, SEVERITIES, TARGETS, UNREACHED

Schema = Mapping[str, object]


class Help(NamedTuple):
    """A setting as a file spells it: its name, the kind of its value, an example, and what it does."""

    name: str
    schema: Schema
    example: str
    text: str


_LIST: Schema = {"type": "array", "items": {"type": "string"}}
_FLAG: Schema = {"type": "boolean"}
_TEXT: Schema = {"type": "string"}
_SIZE: Schema = {"type": "string", "pattern": r"^\s*[0-9.]+\s*[kKmMgGtT]?i?[bB]?\s*$"}
_POSITIVE: Schema = {"type": "number", "exclusiveMinimum": 0}
_RECIPE: Schema = {
    "type": "object",
    "properties": {"make": _TEXT, "inputs": _TEXT},
    "additionalProperties": False,
}
_CONFIRM: Schema = {
    "type": "object",
    "properties": {"timeout": _POSITIVE, "memory": _SIZE, "network": _FLAG, "pass-env": _LIST},
    "patternProperties": {":": _RECIPE},
    "additionalProperties": False,
}


def _choice(values: tuple[str, ...]) -> Schema:
    return {"enum": list(values)}


def _table(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


HELP = (
    Help("extend", _TEXT, '"../scriptlint.toml"', "A settings file whose values hold where this one has none."),
    Help("select", _LIST, '["SL1", "tensor-dependent-branch"]', "Report these rules only: codes, prefixes, names or ALL."),
    Help("ignore", _LIST, '["SL861"]', "Do not report these rules."),
    Help("extend-select", _LIST, '["SL801"]', "Report these rules as well."),
    Help("extend-ignore", _LIST, '["SL9"]', "Do not report these rules either."),
    Help("per-file-ignores", _table(_LIST), '{ "legacy/*.py" = ["SL8"] }', "Rules that are not reported in the files of a glob; `!` before a glob means all others."),
    Help("per-class-ignores", _table(_LIST), '{ "*.Teacher" = ["ALL"] }', "Rules that are not reported in a class and what is defined in it, by its dotted name, such as `package.net.Net`; `*` stands for any text."),
    Help("severity", _table(_choice(SEVERITIES)), '{ SL84 = "warning" }', "The severity of these rules; the more specific selector wins."),
    Help("packs", _LIST, '["acme"]', "Packs of further rules and facts, by the names under which they are installed beside scriptlint."),
    Help("baseline", _TEXT, '"scriptlint-baseline.json"', "A file of findings that are known and not reported, below the folder of the settings; `scriptlint baseline` writes it."),
    Help("fixable", _LIST, '["SL402"]', "Fix these rules only."),
    Help("unfixable", _LIST, '["SL141"]', "Never fix these rules."),
    Help("extend-safe-fixes", _LIST, '["SL141"]', "Take unsafe fixes of these rules for safe ones."),
    Help("extend-unsafe-fixes", _LIST, '["SL402"]', "Take safe fixes of these rules for unsafe ones."),
    Help("unsafe-fixes", _FLAG, "true", "Apply unsafe fixes too, as --unsafe-fixes does."),
    Help("target", _choice(TARGETS), '"script"', "What to judge for: `auto` follows what the code does with each model, the others decide for all."),
    Help("notes", _FLAG, "true", "Report the notes too that describe the normal case, as --notes does."),
    Help("unreached", _choice(UNREACHED), '"report"', "Judge the modules too that nothing scripts or traces (`report`), or count them."),
    Help("require", _choice(REQUIRED), '"ok"', "With `ok`, exit with 1 unless all that is judged is ok or faithful."),
    Help("exclude", _LIST, '["third_party"]', "Globs of files and folders to leave out, instead of the default list; as in .gitignore, relative to the settings file."),
    Help("extend-exclude", _LIST, '["generated/*.py"]', "Globs to leave out as well."),
    Help("respect-gitignore", _FLAG, "false", "Leave out what .gitignore files leave out."),
    Help("force-exclude", _FLAG, "true", "Leave excluded files out even if they are named on the command line."),
    Help("markdown", _FLAG, "true", "Read the fenced Python of Markdown files too."),
    Help("output-format", _choice(FORMATS), '"concise"', "How findings are printed."),
    Help("python", _TEXT, '".venv"', "The interpreter or virtual environment whose packages are followed: read, never imported."),
    Help("target-torch", {"type": "string", "pattern": r"^v?\d+(\.\d+)*([-_.]?(a|b|rc|dev|post)\.?\d+)*(\+[\w.]+)?$"}, '"2.13.0"', "The version of torch to judge for; `scriptlint snapshot` learns others."),
    Help("cache-dir", _TEXT, '".scriptlint_cache"', "Where results are remembered, below the folder of the settings file."),
    Help("required-version", _TEXT, '">=0.1"', "The versions of scriptlint that may read this project."),
    Help("confirm", _CONFIRM, '{ timeout = 60 }', "How `scriptlint confirm` builds objects, and its limits."),
)  # fmt: skip
