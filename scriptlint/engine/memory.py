"""What those remember who judge the same files again and again, as a repair does, each time with a few of them changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scriptlint.engine.cache import Run, Seen
    from scriptlint.engine.judgement import Judgement
    from scriptlint.engine.outline import Outline
    from scriptlint.engine.project_files import Others
    from scriptlint.text.code import Code

# What is kept of old states: judgements of one part, runs, and bytes of trees.
_STATES, _RUNS, _BYTES = 4, 40, 64 << 20


@dataclass
class Memory:
    """What is remembered: trees, encoded, by the digest of their file; the text and the tree that a file had last,
    and its code and outline with its digest then;
    judgements by the name of their part, one for each state of what they rest on; the last run of each set of files; and
    what was seen in the files of a project, by its root, and which of them lead to a set of files.
    """

    parsed: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, tuple[str, Code | None]] = field(default_factory=dict)
    outlines: dict[str, tuple[str, Outline | None]] = field(default_factory=dict)
    latest: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    judgements: dict[str, list[Judgement]] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    seen: dict[str, dict[str, Seen]] = field(default_factory=dict)
    others: dict[tuple[str, ...], Others] = field(default_factory=dict)

    def look_again(self) -> None:
        """Search the projects once more: files may have come, gone, or be others than before."""
        self.others.clear()

    def forget_old(self) -> None:
        """Forget the oldest states beyond what somebody who edits files for a long time needs."""
        for known in self.judgements.values():
            del known[:-_STATES]
        for name in list(self.runs)[:-_RUNS]:
            del self.runs[name]
        size = sum(map(len, self.parsed.values()))
        for digest in list(self.parsed):
            if size <= _BYTES:
                break
            size -= len(self.parsed.pop(digest))
