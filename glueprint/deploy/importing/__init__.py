"""Importing an existing workflow of any Glue: into the local Glue, or into a blueprint project.

* ``read_only``: a session that refuses every call that could change something, before it is sent.
* ``collecting``: ``collect(source, name, ...)`` reads a workflow with what it needs: jobs, crawlers, triggers,
  scripts, connections (never their passwords), classifiers, databases and tables, on request the first objects.
* ``local_copy``: ``copy(collected, session)`` creates all of it in another Glue, as it is there.
* ``gaps``: what Amazon's layout classes cannot say of a workflow, each with its reason.
* ``graph``: dependencies of jobs and crawlers, as the layout classes have them (``DependsOn``).
* ``parameters``: which values of a workflow are parameters of its blueprint, found by where they occur.
* ``source_text``: Python text of values, in which parameters are variables.
* ``layout_text``, ``readme``: the files of a project. ``names``: names in the layout.
* ``project``: ``project_of(collected, name)`` returns the files of a blueprint project and checks them: its layout
  runs with the found parameters, and what it makes is compared with what was read.

``collecting`` reads, ``local_copy`` writes; everything else is pure.
"""
