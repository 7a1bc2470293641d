"""What Amazon's ``awsglue`` package finds in place of Glue's JVM.

A class here replaces one of Glue's Java classes. It converts arguments and results (options as JSON text, py4j
tuples, Java objects) and calls ``frames``, ``storage`` and ``bookmarks``. ``view`` installs the classes in
py4j's view of the JVM; ``session`` is the state that they share; ``arguments`` contains the small classes that
scripts pass as arguments; ``absent`` refuses what only AWS has. What Amazon's package calls:
docs/facts/runtime.md#calls-into-the-jvm.
"""
