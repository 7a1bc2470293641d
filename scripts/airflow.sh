#!/usr/bin/env bash
# Sets up Airflow 2.10.3 (amazon provider 9.0.0, as Amazon MWAA 2.10.3 has it) and 3.3.1 (9.34.0) in environments of their own, each with
# Glueprint's base install, and runs tests/airflow in each against `glueprint serve` from .venv. AIRFLOWS=3 runs only one of them; KILLS=50 is
# the number of random kills. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
export GLUEPRINT_SERVER_PYTHON=$PWD/.venv/bin/python
install() { # environment, Airflow's version
    local environment=$1 version=$2
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
scripts/airflow/openssh-server.sh
for airflow in ${AIRFLOWS:-2.10 3}; do
    case $airflow in
    2.10) version=2.10.3 ;;
    3) version=3.3.1 ;;
    *) echo "AIRFLOWS names 2.10 and 3, not $airflow" >&2 && exit 2 ;;
    esac
    install ".venv-airflow-$airflow" "$version"
    echo "Airflow $version:"
    "$PWD/.venv-airflow-$airflow/bin/python" -m pytest -c scripts/airflow/pytest.ini --rootdir . --confcutdir tests/airflow -p no:cacheprovider tests/airflow "$@"
done
