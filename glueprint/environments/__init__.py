"""Which Python, Spark and packages a job's GlueVersion needs, and where these are installed.

A *runtime* is a definition: a Python minor version and pinned packages, for certain GlueVersions. An *environment*
is a runtime that is installed on this machine: an interpreter that exists.

* ``definitions``, ``pins``: the runtimes, as values; what each contains.
* ``selection``: the runtime of a job, by command, GlueVersion and library set. Pure.
* ``installed``: the environments of this machine: that of the interpreter that runs this code, and those in the
  user's cache.
* ``creation`` makes an environment, with uv or with venv and pip: ``interpreters`` finds its Python,
  ``package_index`` the user's index, ``locking`` keeps other processes out, ``failures`` explains the output.
* ``removal``: removes environments; ``doctor`` starts them and checks them, with the program ``doctor_probe``.

The room imports only ``facts``, and no pyspark, boto3 or click; it runs on Python 3.10.
"""
