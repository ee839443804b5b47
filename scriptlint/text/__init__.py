"""Text: what a file says, before anybody asks what it means.

`SourceFile` is the only place where bytes become text and where offsets become rows and columns. Everything above
speaks of offsets: whole numbers counting code points from the first character after a byte order mark. `edit` changes
text: a `Fix` is some `Edit`s that belong together.
"""

from scriptlint.text.edit import Edit, Fix, Import, Safety, applied, compatible, ended, is_standard
from scriptlint.text.source import MARKDOWN, NOTEBOOK, Cell, Location, SourceFile, UnreadableSource

__all__ = [
    "MARKDOWN",
    "NOTEBOOK",
    "Cell",
    "Edit",
    "Fix",
    "Import",
    "Location",
    "Safety",
    "SourceFile",
    "UnreadableSource",
    "applied",
    "compatible",
    "ended",
    "is_standard",
]
