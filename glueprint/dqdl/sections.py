"""Reads what comes before the rules: metadata, data sources, constants."""

from __future__ import annotations

from glueprint.dqdl.errors import similar
from glueprint.dqdl.reader import Reader
from glueprint.dqdl.tokens import Kind

_SECTIONS = ("Metadata", "DataSources", "DefaultLabels", "Rules", "Analyzers")


def read_metadata(reader: Reader) -> dict[str, str]:
    """Read ``Metadata = { "Version": "1.0" }``.

    Raises:
        DqdlError: it has another form.
    """
    reader.take()
    found: dict[str, str] = {}
    for key, value in _read_dictionary(reader, ("Version",), "Metadata").items():
        if not isinstance(value, str):
            reader.fail(f"{key} in Metadata must be one text")
        found[key] = value
    return found


def read_sources(reader: Reader) -> tuple[str | None, tuple[str, ...]]:
    """Read ``DataSources = { "Primary": ..., "AdditionalDataSources": [ ... ] }``.

    Raises:
        DqdlError: it has another form.
    """
    reader.take()
    found = _read_dictionary(reader, ("Primary", "AdditionalDataSources"), "DataSources")
    primary = found.get("Primary")
    additional = found.get("AdditionalDataSources", ())
    if not isinstance(primary, (str, type(None))):
        reader.fail("Primary must be one text")
    if isinstance(additional, str):
        reader.fail("Additional sources must be an array of values.")
    return primary, additional


def read_constant(reader: Reader, constants: dict[str, str | tuple[str, ...]]) -> None:
    """Read ``name = "text"`` or ``name = ["a", "b"]`` into ``constants``.

    Raises:
        DqdlError: it has another form, or the name is defined already.
    """
    name = reader.take()
    if name.text[0] in "._":
        reader.fail(f"Variable name '{name.text}' cannot start with '.' or '_'", at=name)
    if name.text in constants:
        reader.fail(f"Variable '{name.text}' is already defined", at=name)
    reader.take()
    if reader.next.kind is Kind.TEXT:
        constants[name.text] = reader.take().value
    elif reader.is_sign("[") and reader.ahead(1).kind is Kind.TEXT:
        constants[name.text] = _read_texts(reader)
    else:
        reader.fail(
            f"Failed to parse variable '{name.text}': its value must be a text or a list of texts",
            similar(name.text, _SECTIONS),
            at=name,
        )


def _read_dictionary(reader: Reader, keys: tuple[str, ...], section: str) -> dict[str, str | tuple[str, ...]]:
    reader.expect_sign("=", f"behind {section}")
    reader.expect_sign("{", f"before the keys of {section}")
    found: dict[str, str | tuple[str, ...]] = {}
    while True:
        token = reader.next
        key = reader.expect_text("a key")
        if key not in keys:
            reader.fail(f"Unsupported key provided in {section} section: {key}", similar(key, keys), at=token)
        reader.expect_sign(":", f"behind {key}")
        found[key] = _read_texts(reader) if reader.is_sign("[") else reader.expect_text(f"the value of {key}")
        if not reader.take_sign(","):
            break
    reader.expect_sign("}", f"or ',' in {section}")
    return found


def _read_texts(reader: Reader) -> tuple[str, ...]:
    reader.expect_sign("[", "before the list")
    found = [reader.expect_text("an item of the list")]
    while reader.take_sign(","):
        found.append(reader.expect_text("an item of the list"))
    reader.expect_sign("]", "or ',' in the list")
    return tuple(found)
