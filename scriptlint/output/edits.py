"""What fixes make of files, as JSON: the edits of each file, and what they fix."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import shown
from scriptlint.output.json_format import encode
from scriptlint.text.source import decode

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def as_json(originals: Mapping[str, bytes], changed: Mapping[str, bytes], fixed: Sequence[Diagnostic]) -> str:
    """Return the edits that lead from the files as they are to the files as they would be, whole lines each."""
    return encode(
        [
            {
                "filename": shown(path),
                "edits": list(_edits(decode(originals[path]), decode(after))),
                "fixes": [
                    {"code": one.code, "name": one.name, "message": one.fix.title}
                    for one in fixed
                    if one.fix is not None and one.fix.path == path
                ],
            }
            for path, after in sorted(changed.items())
        ]
    )


def _edits(before: str, after: str) -> Iterator[dict[str, object]]:
    lines, made = _LINE.findall(before), _LINE.findall(after)
    for kind, first, last, begin, end in difflib.SequenceMatcher(None, lines, made, autojunk=False).get_opcodes():
        if kind != "equal":
            yield {
                "content": "".join(made[begin:end]),
                "location": {"row": first + 1, "column": 1},
                "end_location": {"row": last + 1, "column": 1},
            }
