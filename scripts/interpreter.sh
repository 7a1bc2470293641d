#!/usr/bin/env bash
# Prints the path of the Python of a minor version (3.12) that this machine has, pyenv's first; ends with 1 if there is none.
version=$1
for candidate in "$HOME"/.pyenv/versions/"$version".*/bin/python "python$version"; do
    if "$candidate" -c "import sys; sys.exit(sys.version_info[:2] != tuple(map(int, '$version'.split('.'))))" 2>/dev/null; then
        "$candidate" -c 'import sys; print(sys.executable)'
        exit
    fi
done
exit 1
