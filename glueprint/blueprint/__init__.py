"""What a blueprint is: its files, its configuration, its layout. Imports no Spark, HTTP, SQLite or moto.

From sources to a zip: ``bundler`` collects the files of a blueprint of the catalogue (``blueprints/X``,
``layouts/X.py``, ``glue_jobs/X/``), ``self_contained`` writes shared helpers into the files that import them
(``import_block`` merges their imports), ``dialect`` checks that Glue's Python can run them, and ``archive`` writes
the zip. Files by path go in, bytes come out.

From a zip to requests: ``archive`` reads a zip that it does not trust (``member_names`` checks the names),
``config`` reads ``blueprint.cfg``, ``spec`` reads and applies the parameter specification (``parameter_types``,
``json_text``), and ``layout_host`` runs the layout in a child process (``layout_child``), in which
``layout_library`` is the package ``awsglue.blueprint``. What comes back is a ``layout_result``: Create* requests
and warnings. ``process_cleanup`` ends the child with everything that it started.

What is wrong is reported as ``facts.findings``, all of it at once. The local Glue calls this room when a blueprint
is registered or run, the CLI when one is built. Choices where AWS's documentation is silent are in
docs/fidelity/blueprint.md.
"""
