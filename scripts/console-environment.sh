#!/bin/sh
# Makes .venv-console: Playwright and axe-core over the packages of .venv; and finds a Chromium, or installs one.
set -eu
python=${1:-.venv/bin/python}
"$python" -m venv .venv-console
.venv-console/bin/python -m pip install --quiet --disable-pip-version-check playwright axe-playwright-python
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
own=$(.venv-console/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "import site; site.addsitedir('$packages')" > "$own/glueprint-packages.pth"
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update --quiet --quiet
        apt-get install --quiet --quiet --yes --no-install-recommends chromium fonts-dejavu-core >/dev/null
    else
        .venv-console/bin/python -m playwright install chromium
    fi
fi
