"""The names of the formats of findings, which the command line and the settings offer."""

FORMATS = (
    "full",
    "concise",
    "grouped",
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab",
    "azure",
    "junit",
    "rdjson",
    "pylint",
    "markdown",
    "html",
)

FOR_PEOPLE = ("full", "concise", "grouped")
"""Those that end with a summary, and are read as they come."""
