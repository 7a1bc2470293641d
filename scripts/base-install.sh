#!/usr/bin/env bash
# Installs Glueprint without extras in each Python from 3.10 to 3.13 that this machine has, runs the tests of the rooms that work without the local
# Glue, and builds the catalogue. The last line states which versions were tested.
set -euo pipefail
cd "$(dirname "$0")/.."
tested=() missing=()
uv=$PWD/.venv-base/uv/bin/uv # installs each environment in seconds
if [ ! -e "$uv" ]; then
    python3 -m venv .venv-base/uv
    .venv-base/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
fi
for version in 3.10 3.11 3.12 3.13; do
    if ! python=$(scripts/interpreter.sh "$version"); then
        missing+=("$version")
        continue
    fi
    environment=.venv-base/$version
    if [ ! -e "$environment/.installed" ] || [ setup.cfg -nt "$environment/.installed" ]; then
        rm -rf "$environment"
        "$uv" venv --quiet --python "$python" "$environment"
        "$uv" pip install --quiet --python "$environment/bin/python" -e . 'pytest>=8.3,<10' 'hypothesis>=6.120,<7' 'pyawscron>=1.0.6,<2' 'ruff>=0.9,<1'
        touch "$environment/.installed"
    fi
    echo "Python $version:"
    PYTHONPATH=tests:tests/airflow "$environment/bin/python" -m pytest -q -p no:cacheprovider --noconftest -o addopts= -o filterwarnings= \
        -m "not spark" --ignore tests/facts/test_facts_globs_java.py --ignore tests/facts/test_facts_states.py \
        --ignore tests/blueprint/test_blueprint_source_lines.py \
        tests/facts tests/workflow tests/blueprint tests/airflow/test_airflow_*.py
    "$environment/bin/glueprint" build --out "$environment/dist" >/dev/null
    tested+=("$version")
done
echo "base install tested on Python ${tested[*]:-(none)}${missing:+; not found: ${missing[*]}}"
