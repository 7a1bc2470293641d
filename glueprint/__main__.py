"""``python -m glueprint``."""

from glueprint.cli.main import main

if __name__ == "__main__":
    main()
