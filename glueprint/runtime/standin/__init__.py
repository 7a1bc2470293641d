"""What Amazon's ``awsglue`` package finds in place of Glue's JVM.

One thin class a module: it translates arguments and results (options as JSON text, py4j tuples, Java objects) and
hands the work to ``frames``, ``storage`` and ``bookmarks``. Names that nobody stands in for are refused by name.
"""
