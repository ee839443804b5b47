"""What runs inside the interpreter whose torch is asked; the only part of scriptlint that runs user code.

`confirm.nursery` starts that interpreter and lets it import this package, and nothing else of scriptlint: these files use
the standard library and torch only. They speak JSON lines over sockets of their own, and a reader trusts none of it.
Nursery and zygote know nothing of what a job is: the tests judge their programs with them too. One process forks the next:

    nursery     has imported torch and run nothing else; forks a zygote for each worker of a run
    zygote      is in namespaces (no network, processes of its own) where the platform allows it; forks a process per
                job and keeps it within its limits
    job         imports the file, builds the object, and forks a process per question
    question    compiles, or traces, and answers; what it leaves behind in torch dies with it

A compilation changes what the next one in the same process says, which is why every question has a process of its own.

guard       limits, namespaces, and ending whatever a job left running
nursery     torch, imported once, and the zygotes that are forked from it
warm        what torch does but once, done before there are jobs
zygote      the loop that serves jobs
job         one job, from importing to the last answer
building    from an expression to an object and its inputs
guessing    arguments and inputs that nobody gave
units       what the compiler reads, seen from its front end; and how a unit is put out of its way
scripting   the questions to torch.jit.script
tracing     the questions to torch.jit.trace
comparing   whether two results are the same, and inputs that differ from an example
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Make zygotes that serve jobs until nobody wants any more."""
    from scriptlint.confirm.child import job, nursery

    nursery.launch(job.run)
