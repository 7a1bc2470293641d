#!/bin/sh
# Prints the path of a Python 3.11, which the local Glue needs; without one, explains on stderr how to get it.
# Amazon's package awsgluedataplanepython 5 and Spark 3.5 support no other version.
is_311() {
    [ "$("$1" -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null)" = 3.11 ]
}

for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python \
    "$HOME"/.pyenv/versions/3.11*/bin/python "$HOME"/.local/share/uv/python/cpython-3.11*/bin/python3.11; do
    path=$(command -v "$candidate") || continue
    if is_311 "$path"; then
        echo "$path"
        exit 0
    fi
    if [ "$candidate" = "${PYTHON:-}" ]; then
        echo "PYTHON=$PYTHON is not Python 3.11, which the local Glue needs" >&2
        exit 1
    fi
done
if command -v uv >/dev/null && path=$(uv python find 3.11 2>/dev/null) && is_311 "$path"; then
    echo "$path"
    exit 0
fi
cat >&2 <<'END'
Glueprint's local Glue needs Python 3.11, and none was found. Install it in one of these ways, then try again:
  Debian, Ubuntu:  apt-get install python3.11 python3.11-venv   (where the release has it)
  macOS:           brew install python@3.11
  pyenv:           pyenv install 3.11
  uv:              uv python install 3.11
or name one: make PYTHON=/path/to/python3.11 ...
END
exit 1
