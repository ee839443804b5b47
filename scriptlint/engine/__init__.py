"""The engine: everything between a list of paths and a list of findings that are ready to print.

`settings` reads what the project wants and `discover` turns paths into files, each with the settings that govern it.
`pipeline` takes a file through its journey (read, parse, lower, find roots, analyse) and yields raw findings. `settle`
decides which of them are said: those whose rules are selected (`selectors`, over the rules that `registry` collects),
that no comment suppresses (`suppress`), once each, in order. `rules` holds what the tool says about itself.

Nothing here knows how a finding looks on a screen, and nothing below knows that there are settings.
"""
