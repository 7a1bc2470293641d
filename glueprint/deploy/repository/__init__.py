"""The organisation's central repository of blueprints: versions that never change, with digest and signature.

The developer guide requires a place from which an administrator registers blueprints that developers hand over
(DG:developing-blueprints-publishing); this room is one. A repository is a directory, a prefix in S3, or a git
repository (``stores``; ``address`` reads which one a user names, ``settings`` where it is named).

``index`` is what a repository contains, as values: blueprints, their ``versions``, and for each version its
digest, who published it and when. ``publishing`` adds a version: the zip first, under a name that contains its
hash, then the index in one step that fails if anyone has changed it meanwhile. ``pulling`` finds a version and
returns its zip, after digest and ``signatures`` (OpenSSH's) have been checked; ``unpacking`` turns a zip into
the sources of a project. ``registered`` records in a Glue which version of a blueprint is registered there.
"""
