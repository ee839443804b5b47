"""The engine: everything between a list of paths and a list of findings that are ready to print.

`settings` reads what the project wants and `discover` turns paths into files, each with the settings that govern it.
`pipeline` takes a file through its journey (read, parse, lower, find roots, analyse) and yields raw findings.

A run is judged in parts: the roots of a file (`rooted`), its classes that no root reaches (`unrooted`), its decorators.
`parts` judges each by an analysis of its own, so that its `judgement` rests on nothing but what this analysis read, and `judging` does
so in as many processes as are wanted. `known` remembers judgements and `present` says whether one still holds; of a file mostly its
`outline` counts and the bodies that were looked at, so that a changed comment changes no judgement, and `moving` tells where
things are now. Classes are judged one by one, and `joining` makes one judgement of theirs. `whole` puts the parts together:
which classes roots reach, what was judged, and what only all parts tell.

`settle` decides which of the findings are said: those whose rules are selected (`selectors`, over the rules that `registry`
collects, with those of the `packs` that settings name), that no comment suppresses (`suppress`), once each, in order. `rules` holds what the tool says about itself.

Nothing here knows how a finding looks on a screen, and nothing below knows that there are settings.
"""
