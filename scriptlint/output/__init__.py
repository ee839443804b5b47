"""Output: findings as people and programs want to read them.

Every format is a function from settled findings and `Places` (which knows where offsets are) to text; `printer` chooses
one. `full` draws code frames (`frame`, over `cells`, which knows how wide a character is), `concise` says one line
each, `json_format` is the contract that scripts and editors depend on, `tally` counts. `paint` is all there is to know
about colour. Nothing here decides what is said.
"""
