"""Asking the real compiler: findings are held against what torch does with the real objects.

This is the only part of scriptlint that runs user code, and it does so only when it is asked to. The work goes through
four files, each of which knows only the one before:

    plan      what to build: targets, settings and the calls in the code become a list of jobs, each with what scriptlint
              itself says about the same object
    runner    jobs are run, in processes of the project's own interpreter and within limits; answers are plain data
    verdict   an answer is held against the findings: confirmed, refuted, not reached; and what nobody foresaw
    report    outcomes of a whole run: merged findings, counts, the exit code

`child` is the package that runs in that other interpreter. `table`, `page` and `as_json` show a report.
"""
