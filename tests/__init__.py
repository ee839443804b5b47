"""The tests. `judge` asks the real torch; `dialect` reads pages of rules and files of cases; `linter` asks scriptlint."""
