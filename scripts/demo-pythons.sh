#!/usr/bin/env bash
# Runs `make demo` in a fresh copy of the last commit as on a machine that has one Python only: once 3.11, once 3.13 (VERSIONS... names others).
# No other Python can be started (one-python.sh); where that cannot be done, others are only out of PATH and HOME, and the last line states so.
# pip keeps its settings and its cache. The last line states with which versions the demo ran.
set -euo pipefail
cd "$(dirname "$0")/.."
versions=("$@")
[ $# -gt 0 ] || versions=(3.11 3.13)
tested=() missing=() how="no other Python could be started"
machine=$(mktemp -d)
trap 'rm -rf "$machine"' EXIT
mkdir "$machine/programs"
# Every program but Pythons, and what finds Pythons.
for folder in /bin /usr/bin; do
    for program in "$folder"/*; do
        case "${program##*/}" in
            python* | pypy* | pip* | uv | uvx | pyenv) ;;
            *) ln -sf "$program" "$machine/programs/" ;;
        esac
    done
done
for version in "${versions[@]}"; do
    if ! python=$(scripts/interpreter.sh "$version"); then
        missing+=("$version")
        continue
    fi
    own=$machine/$version alone=(scripts/one-python.sh "$python")
    if ! "${alone[@]}" true; then
        alone=() how="other Pythons were out of PATH and HOME"
    fi
    mkdir -p "$own/bin" "$own/home" "$own/glueprint"
    ln -s "$python" "$own/bin/python$version"
    git archive HEAD | tar -xC "$own/glueprint"
    echo "Python $version:"
    ${alone[@]+"${alone[@]}"} env -u VIRTUAL_ENV -u PYENV_ROOT -u PYENV_VERSION -u PYTHONPATH -u PYTHONHOME -u JAVA_HOME -u XDG_CACHE_HOME -u XDG_DATA_HOME \
        PIP_CONFIG_FILE="${PIP_CONFIG_FILE:-$HOME/.config/pip/pip.conf}" \
        PATH="$own/bin:$machine/programs" HOME="$own/home" PIP_CACHE_DIR="${PIP_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pip}" \
        make -C "$own/glueprint" --no-print-directory demo </dev/null
    rm -rf "$own"
    tested+=("$version")
done
echo "make demo ran with Python ${tested[*]:-(none)} alone ($how)${missing:+; not found: ${missing[*]}}"
