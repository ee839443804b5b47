"""The language server: what the command line finds, in an editor, of the text as it is typed.

Two processes. The one that the editor starts (`app`, `desk`) speaks the protocol and keeps the open texts; it never judges
anything, so it always answers. The other one (`worker`, `service`) judges: it is told of all open texts with each question
and remembers nothing that a question depends on, so it can be ended and started again at any time (`link`). What is asked
about a text that has changed since is cancelled, and a worker that goes on all the same is ended.

There is one pipeline: settings, files, suppressions and fixes are those of `scriptlint check FILE`. A finding is published
with the version of the text that it was found in, and never for another; by pull where the client pulls, else by push,
and never by both.
"""
