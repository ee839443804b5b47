"""The real compiler, asked one program at a time.

`Judge.run(program)` gives a `Verdict`: what torch did with a small program that was written to a real file and imported.
One process imports torch once; every program runs in a child forked from it, so nothing a program compiles, registers or
breaks reaches the next one (what a process has compiled before changes what the compiler says), and a crash costs one
child. The processes are those that `scriptlint confirm` has. torch is imported nowhere else in the tests.
"""

from tests.judge.client import Judge, Verdict

__all__ = ["Judge", "Verdict"]
