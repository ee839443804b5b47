"""The JSON Schemas of what scriptlint writes and reads, so that other programs can check and complete it.

Keys are only ever added: a schema allows those that it does not know. The number in its `$id` rises when that is broken.
"""

from __future__ import annotations

from collections.abc import Mapping

from scriptlint.engine.settings_help import HELP

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_VERSION = 1
Schema = Mapping[str, object]


def schema(name: str) -> Schema:
    """Return one of `SCHEMAS` by its name."""
    return {"$schema": _DRAFT, "$id": f"urn:scriptlint:{name}:{_VERSION}", **SCHEMAS[name]}


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(kind: str) -> Schema:
    return {"type": [kind, "null"]}


def _one_of(*values: str | None) -> Schema:
    return {"enum": list(values)}


_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "integer", "minimum": 1}
_FLAG: Schema = {"type": "boolean"}
_CODE: Schema = {"type": "string", "pattern": r"^[A-Z]{2,}\d{3}$"}
_LOCATION = _object({"row": _NUMBER, "column": _NUMBER}, {"cell": _NUMBER})
_SPAN: Mapping[str, Schema] = {"filename": _TEXT, "location": _LOCATION, "end_location": _LOCATION}
_EDIT = _object({"content": _TEXT, "location": _LOCATION, "end_location": _LOCATION})
_APPLICABILITY = _one_of("safe", "unsafe", "display")
_FIX = _object({"applicability": _APPLICABILITY, "message": _TEXT, "filename": _TEXT, "edits": _list(_EDIT)})

_FINDING = _object(
    {
        "code": _CODE,
        "name": _TEXT,
        "severity": _one_of("error", "warning", "note"),
        "target": _one_of("script", "trace", "tool"),
        "message": _TEXT,
        **_SPAN,
        "fix": {"anyOf": [{"type": "null"}, _FIX]},
        "when": _or_null("string"),
        "first": _FLAG,
        "trail": _list(_object({"message": _TEXT, **_SPAN})),
        "labels": _list(_object({"message": _TEXT, **_SPAN})),
        "confirmed": _one_of("confirmed", "refuted", "not reached", None),
        "url": _or_null("string"),
    }
)

_REASON = _object(
    {"code": _CODE, "message": _TEXT, "filename": _TEXT, "location": _LOCATION, "when": _or_null("string")}
)
_SCRIPT = _one_of("ok", "blocked", "depends", "unknown")
_TRACE = _one_of("faithful", "erases", "refused", "depends", "unknown")
_MODULE = _object(
    {
        "filename": _TEXT,
        "name": _TEXT,
        "qualified_name": _TEXT,
        "location": _LOCATION,
        "end_location": _LOCATION,
        "script": _object({"verdict": _SCRIPT, "blockers": _list(_REASON), "unseen": _list(_TEXT)}),
        "trace": _object({"verdict": _TRACE, "hazards": _list(_REASON), "unseen": _list(_TEXT)}),
        "assuming": _list(_TEXT),
    },
    {"target": _TEXT},
)

SCHEMAS: Mapping[str, Schema] = {
    "report": {"title": "What `scriptlint check --output-format json` prints", **_list(_FINDING)},
    "modules": {
        "title": "What `scriptlint modules --output-format json` prints",
        **_object({"version": {"const": _VERSION}, "modules": _list(_MODULE)}),
    },
    "settings": {
        "title": "The table [tool.scriptlint] of pyproject.toml, or the content of scriptlint.toml",
        "type": "object",
        "properties": {one.name: {"description": one.text, **one.schema} for one in HELP},
        "additionalProperties": False,
    },
}
