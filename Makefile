# On a fresh machine: `make demo` shows what scriptlint says, `make test` runs everything, `make docs` makes the site.
# All make a virtual environment of their own and keep it until what it was made from changes.

PYTHON ?= python3
DEMO = .venv-demo
TEST = .venv-test
BROWSER = command -v chromium || command -v chromium-browser || command -v google-chrome
EDITORS = command -v nvim && command -v vim && command -v emacs

DOCS = .venv-docs

.PHONY: demo test docs clean

demo: $(DEMO)/made
	$(DEMO)/bin/python -m scriptlint examples || [ $$? -eq 1 ]  # 1: there are findings, and there should be

test: $(TEST)/made
	@without=""; \
	if ! ($(BROWSER)) > /dev/null; then \
		echo "There is no chromium here: the tests of the HTML page are left out."; \
		without="not browser"; \
	fi; \
	if ! ($(EDITORS)) > /dev/null; then \
		echo "There is no nvim, vim or emacs here: the tests of the server in editors are left out."; \
		without="$${without:+$$without and }not editors"; \
	fi; \
	if ! command -v bash > /dev/null || ! command -v zsh > /dev/null || ! command -v fish > /dev/null; then \
		echo "bash, zsh or fish is missing here: the tests of completion are left out."; \
		without="$${without:+$$without and }not shells"; \
	fi; \
	$(TEST)/bin/python -m pytest -n 2 -m "$$without"

docs: $(DOCS)/made
	$(DOCS)/bin/python docs/build_site.py
	@echo "The site is in site/."

clean:
	rm -rf $(DEMO) $(TEST) $(DOCS) site build/docs build/mkdocs.yml

$(DEMO)/made: pyproject.toml
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --editable .
	touch $@

$(DOCS)/made: pyproject.toml
	$(PYTHON) -m venv --clear $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --editable '.[docs]'
	touch $@

$(TEST)/made: pyproject.toml tests/constraints.txt
	$(PYTHON) -m venv --clear $(TEST)
	$(TEST)/bin/python -m pip install --quiet --constraint tests/constraints.txt --editable '.[test]'
	touch $@
