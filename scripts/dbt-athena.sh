#!/usr/bin/env bash
# dbt-athena against a local Glue, by hand: a seed, a partitioned table, a view, two incremental models and two tests
# are built, run again, and documented. dbt is installed in .venv-dbt (about 200 MB); dbt-core 1.11 and later download
# a part from GitHub while they are installed.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .venv-dbt/bin/dbt ] || {
    .venv/bin/python -m venv .venv-dbt
    .venv-dbt/bin/python -m pip install --quiet --disable-pip-version-check 'dbt-athena<1.11' 'dbt-core<1.11'
}
folder=$(mktemp -d)
.venv/bin/glueprint serve --port 0 --data-dir "$folder/data" > "$folder/server.log" &
server=$!
trap 'kill "$server"; wait "$server" || true; rm -rf "$folder"' EXIT
until grep -q '^ready' "$folder/server.log"; do
    kill -0 "$server"
    sleep 0.2
done
eval "$(.venv/bin/glueprint env --data-dir "$folder/data")"
.venv/bin/python -c 'import boto3; boto3.client("s3").create_bucket(Bucket="dbt")'
cp -r scripts/dbt-athena "$folder/project"
export DBT_SEND_ANONYMOUS_USAGE_STATS=false
for command in build run "docs generate"; do
    # shellcheck disable=SC2086
    .venv-dbt/bin/dbt --no-use-colors $command --profiles-dir "$folder/project" --project-dir "$folder/project"
done
