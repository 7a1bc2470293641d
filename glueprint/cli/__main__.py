"""``python -m glueprint.cli``: how a command starts a server of its own."""

from glueprint.cli.main import main

main()
