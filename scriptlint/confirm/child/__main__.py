"""What the runner starts when it has jobs about objects."""

from scriptlint.confirm.child import main

main()
