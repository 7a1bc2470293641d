#!/usr/bin/env bash
# Sets up Airflow 2.10.3 (amazon provider 9.0.0, as Amazon MWAA 2.10.3 has it) and 3.3.1 (9.34.0) in environments of their own, each with
# Glueprint's base install, and runs tests/airflow in each against `glueprint serve` from .venv. Arguments go to pytest. Variables:
#   AIRFLOWS=3  only one of them (2.10 or 3)
#   KILLS=50    the number of random kills of workers and servers in each; SEED=1 repeats those of another time
#   FAST=1      without the tests marked `long`, with three kills, and both Airflows at a time: what CI runs
set -euo pipefail
cd "$(dirname "$0")/.."
export GLUEPRINT_SERVER_PYTHON=$PWD/.venv/bin/python
version_of() { # 2.10 or 3
    case $1 in
    2.10) echo 2.10.3 ;;
    3) echo 3.3.1 ;;
    *) echo "AIRFLOWS names 2.10 and 3, not $1" >&2 && return 2 ;;
    esac
}
install() { # 2.10 or 3
    local environment=.venv-airflow-$1 version
    version=$(version_of "$1")
    local constraints=scripts/airflow/constraints-$version.txt
    if [ -e "$environment/.installed" ] && [ ! setup.cfg -nt "$environment/.installed" ] && [ ! "$constraints" -nt "$environment/.installed" ]; then
        return
    fi
    rm -rf "$environment"
    .venv/bin/python -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check uv
    "$environment/bin/python" -m uv pip install --quiet --python "$environment/bin/python" --constraint "$constraints" \
        "apache-airflow==$version" apache-airflow-providers-amazon apache-airflow-providers-ssh apache-airflow-providers-openlineage \
        'pytest>=8.3,<10' 'pytest-timeout>=2.3,<3' -e .
    touch "$environment/.installed"
}
run() { # 2.10 or 3, arguments of pytest
    local environment=$PWD/.venv-airflow-$1
    echo "Airflow $(version_of "$1"):"
    shift
    "$environment/bin/python" -m pytest -c scripts/airflow/pytest.ini --rootdir . --confcutdir tests/airflow -p no:cacheprovider tests/airflow "$@"
}
read -ra airflows <<<"${AIRFLOWS:-2.10 3}"
for airflow in "${airflows[@]}"; do
    version_of "$airflow" >/dev/null
done
scripts/airflow/openssh-server.sh
if [ -z "${FAST:-}" ]; then
    for airflow in "${airflows[@]}"; do
        install "$airflow"
        run "$airflow" "$@"
    done
    exit
fi
export KILLS=${KILLS:-3}
logs=$(mktemp -d)
processes=()
end() {
    for process in "${processes[@]}"; do
        kill -- "-$process" 2>/dev/null || true
    done
    rm -rf "$logs"
}
trap end EXIT
trap 'exit 130' INT TERM
set -m # each in a process group of its own, which can be ended
for airflow in "${airflows[@]}"; do
    (
        install "$airflow"
        run "$airflow" -m 'not long' --durations=10 "$@"
    ) >"$logs/$airflow" 2>&1 &
    processes+=($!)
done
failed=0
for number in "${!processes[@]}"; do
    wait "${processes[$number]}" || failed=1
    cat "$logs/${airflows[$number]}"
done
exit "$failed"
