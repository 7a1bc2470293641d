#!/usr/bin/env bash
# Runs COMMAND... where PYTHON is the only Python that can be started, whatever looks for one and wherever: `one-python.sh PYTHON COMMAND...`
# In a mount namespace of its own, every other Python that the machine has is covered by /dev/null. Where such a namespace is not
# possible (macOS, some containers), it ends with 3 before anything runs.
set -euo pipefail
python=$1
shift
namespace=(unshare --mount)
[ "$(id -u)" = 0 ] || namespace+=(--user --map-root-user)
if ! "${namespace[@]}" mount --bind /dev/null /dev/null 2>/dev/null; then
    echo "one-python.sh: no mount namespace is possible here" >&2
    exit 3
fi
own=$(realpath "$python")
# In PATH, where systems and Homebrew install them, and those of pyenv and uv.
pythons() {
    local folders
    IFS=: read -ra folders <<<"$PATH"
    find -L "${folders[@]}" /bin /usr/bin /usr/local/bin /opt/homebrew/bin "$HOME/.local/bin" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin \
        "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}"/*/bin -maxdepth 1 -type f -perm /111 \
        \( -name 'python' -o -name 'python[23]' -o -name 'python[23].*[0-9]' -o -name 'pypy*' -o -name 'uv' -o -name 'uvx' \) -exec realpath {} + 2>/dev/null || true
}
mapfile -t others < <(pythons | sort -u | grep -Fxv -- "$own")
# shellcheck disable=SC2016
exec "${namespace[@]}" bash -c '
    set -euo pipefail
    count=$1
    shift
    for other in "${@:1:count}"; do
        mount --bind /dev/null "$other"
        if "$other" --version >/dev/null 2>&1; then
            echo "one-python.sh: $other can still be started" >&2
            exit 3
        fi
    done
    shift "$count"
    exec "$@"
' one-python "${#others[@]}" ${others[@]+"${others[@]}"} "$@"
