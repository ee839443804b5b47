"""What is asked about functions by themselves, and the answers.

A function is compiled, or traced for arguments of some kinds, by itself, and all that its callers see of this is the
answer: the type that it returns, say, and that nothing is wrong with it. A judgement that takes nothing else from a
function rests on the answers and not on its code. An answer is text and says all that is taken; where that is more than
text can say, the code of the function counts as read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scriptlint.program.module import Function


@dataclass
class Asked:
    """A question that is being asked; the answer is None until it is known, and where it is more than text can say."""

    question: str = ""
    answer: str | None = None


@contextmanager
def asked(function: Function) -> Iterator[Asked]:
    """Let the block find out what is asked about a function; it counts as read where the block leaves no answer."""
    was_read = function.node.is_read
    one = Asked()
    try:
        yield one
    finally:
        if one.answer is None or function.answers.setdefault(one.question, one.answer) != one.answer:
            function.node.is_read = True
        else:
            function.node.is_read = was_read
