"""Connections to files: ``s3``, ``file``, and Spark's own formats by name."""

from __future__ import annotations

from glueprint.runtime.storage.addresses import S3Address
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.file_sink import FileSink
from glueprint.runtime.storage.file_source import FileSource, Place
from glueprint.runtime.storage.identity import identity_of
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_options import FileOptions
from glueprint.runtime.storage.services import Services


class Files:
    """``file``: files of this machine. The format comes later, with ``setFormat``."""

    format_name = ""
    is_sparks_own = False

    def _checked(self, path: str) -> str:
        """``path``, if this connection takes it."""
        return path

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> FileSource:
        """The files of ``paths`` (or ``path``).

        ``push_down_predicate`` is for tables of the catalog; as in Glue it does nothing here.

        Raises:
            StorageError: no paths, or one that is not of this connection.
        """
        paths = options.texts("paths") or options.texts("path")
        if not paths:
            raise StorageError("a source of files needs the option 'paths'")
        return FileSource(
            services,
            [Place(self._checked(path)) for path in paths],
            identity_of({"paths": paths, "format": self.format_name}),
            FileOptions.of(options, recurse=self.is_sparks_own),
            ctx,
            self.format_name,
            options if self.is_sparks_own else Options(),
            discovers=self.is_sparks_own,
        )

    def sink(self, services: Services, options: Options, ctx: str) -> FileSink:
        """Files under ``path``.

        Raises:
            StorageError: the path is not of this connection.
        """
        if path := options.text("path"):
            self._checked(path)
        return FileSink(services, options, self.format_name, options if self.is_sparks_own else Options())


class S3Files(Files):
    """``s3``: paths must be addresses in S3, as they must be in Glue."""

    def _checked(self, path: str) -> str:
        S3Address.parse(path)
        return path


class SparkFiles(Files):
    """``parquet`` and ``orc``: Amazon's package asks for Spark's own reader when it is given such a format.

    Spark reads folders ``key=value`` below a path as partition columns. There is no ``setFormat``: options of the
    format come with those of the connection.
    """

    is_sparks_own = True

    def __init__(self, format_name: str) -> None:
        self.format_name = format_name
