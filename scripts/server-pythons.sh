#!/usr/bin/env bash
# Runs the quick tests of the local Glue's server, without Spark, on Python 3.12 and 3.13: `make test` runs all of them on the Python of .venv. The last
# line states which versions were tested.
set -euo pipefail
cd "$(dirname "$0")/.."
suites=(tests/http tests/events tests/glue_catalog tests/s3 tests/local tests/runtime tests/workers)
[ $# -eq 0 ] || suites=("$@")
tested=() missing=()
for version in 3.12 3.13; do
    if ! python=$(scripts/interpreter.sh "$version"); then
        missing+=("$version")
        continue
    fi
    environment=.venv-server/$version
    if [ ! -e "$environment/.installed" ] || [ setup.cfg -nt "$environment/.installed" ]; then
        rm -rf "$environment"
        "$python" -m venv "$environment"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -e '.[local]' 'pytest>=8.3,<10' \
            'pytest-timeout>=2.3,<3' 'pytest-xdist>=3.6,<4' 'hypothesis>=6.120,<7' 'ruff>=0.9,<1' 'vermin>=1.6,<2'
        touch "$environment/.installed"
    fi
    echo "Python $version:"
    "$environment/bin/python" -m pytest -q -p no:cacheprovider -n 2 --dist loadfile \
        -m 'not spark and not slow and not soak and not kills and not clients and not runtimes and not databases and not catalogue and not examples and not jobs' \
        --ignore tests/local/test_local_awscli.py "${suites[@]}"
    tested+=("$version")
done
echo "local Glue's server tested on Python ${tested[*]:-(none)}${missing:+; not found: ${missing[*]}}"
