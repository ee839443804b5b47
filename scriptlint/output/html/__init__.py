"""Reports as one page of HTML that needs nothing else: for people who would rather look than read.

`parts` has what all pages share, `findings` is the page of `check` and `modules` that of `modules`; the page of `confirm` is in
its own package. A page works without its script, which only filters. Everything that comes from outside is escaped.
"""
