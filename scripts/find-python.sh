#!/bin/sh
# Prints the path of a Python for the local Glue; without one, explains on stderr how to get it.
# 3.11 and 3.13 bring a Spark with `pip install glueprint[local]`: Glue 5.1's and 6.0's. 3.12 runs the server only:
# jobs then need a runtime (`glueprint runtime add 6.0`), so that it comes last.
version_of() {
    "$1" -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null
}

use() { # path, version
    [ "$2" != 3.12 ] || echo "Python 3.12 runs the local Glue without a Spark of its own: glueprint runtime add 6.0 (needs a Python 3.13)" >&2
    echo "$1"
    exit 0
}

if [ -n "${PYTHON:-}" ]; then
    version=$(version_of "$PYTHON")
    case "$version" in
        3.11 | 3.12 | 3.13) use "$(command -v "$PYTHON")" "$version" ;;
    esac
    echo "PYTHON=$PYTHON is ${version:+Python $version, }not Python 3.11, 3.12 or 3.13, which the local Glue needs" >&2
    exit 1
fi
for wanted in 3.11 3.13 3.12; do
    for candidate in python$wanted python3 python "$HOME"/.pyenv/versions/$wanted*/bin/python \
        "$HOME"/.local/share/uv/python/cpython-$wanted*/bin/python$wanted; do
        path=$(command -v "$candidate") || continue
        [ "$(version_of "$path")" != $wanted ] || use "$path" $wanted
    done
    if command -v uv >/dev/null && path=$(UV_PYTHON_DOWNLOADS=never uv python find $wanted 2>/dev/null); then
        [ "$(version_of "$path")" != $wanted ] || use "$path" $wanted
    fi
done
cat >&2 <<'EOF'
Glueprint's local Glue needs Python 3.11 or 3.13, and neither was found. Install one in one of these ways, then try again:
  uv:              uv python install 3.13
  pyenv:           pyenv install 3.13
  Debian, Ubuntu:  apt-get install python3.13 python3.13-venv   (or python3.11 python3.11-venv, what the release has)
  macOS:           brew install python@3.13
or name one: make PYTHON=/path/to/python3.13 ...
EOF
exit 1
