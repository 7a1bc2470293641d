"""blueprint.cfg: read as the developer guide describes it, every fault reported with its place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.blueprint.config import ConfigError, parse_config


def test_reads_generator_and_parameters() -> None:
    """layoutGenerator is a dotted module path and a function name
    (docs/facts/blueprints.md#configuration-file)."""
    config = parse_config(
        b'{"layoutGenerator": "compaction.layout.generate_layout", "parameterSpec": {"A": {"type": "String"}}}'
    )
    assert (config.layout_module, config.layout_function) == ("compaction.layout", "generate_layout")
    assert config.layout_file == "compaction/layout.py"
    assert list(config.spec.parameters) == ["A"]
    assert config.warnings == ()


def test_layout_at_the_root_and_no_parameters() -> None:
    """The root-level form has one module name
    (docs/facts/blueprints.md#zip-layout); a blueprint needs no parameters."""
    config = parse_config(b'\xef\xbb\xbf{"layoutGenerator": "layout.generate_layout"}')
    assert config.layout_file == "layout.py"
    assert config.spec.resolve({}) == {}


def test_json_errors_have_line_and_column() -> None:
    """A person finds the place in the file (a message that a person can act on)."""
    with pytest.raises(ConfigError, match=r"line 3, column 3: .*parameterSpec"):
        parse_config(b'{\n  "layoutGenerator": "a.b"\n  "parameterSpec": {}\n}')


def test_text_that_is_not_utf8_has_a_line() -> None:
    """JSON is UTF-8 (RFC 8259)."""
    with pytest.raises(ConfigError, match="line 2: not UTF-8"):
        parse_config(b'{\n"a": "\xff"}')


def test_all_faults_are_reported_at_once() -> None:
    """Generator and parameters can be fixed at once."""
    with pytest.raises(ConfigError) as caught:
        parse_config(b'{"parameterSpec": {"A": {"type": "Text"}, "B": {}}}')
    assert len(caught.value.problems) == 3
    assert caught.value.problems[0].startswith("layoutGenerator: it is missing")


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ('"demo/layout.generate"', "dots, not slashes"),
        ('"demo.layout.py"', "names a file"),
        ('"generate"', "names no module"),
        ('""', "empty"),
        ('"demo..generate"', "not a dotted path"),
        ("5", "it is a number"),
    ],
)
def test_wrong_generators_say_what_is_wrong(value: str, wrong: str) -> None:
    """layoutGenerator is mandatory and must be a module path with a function
    (docs/facts/blueprints.md#configuration-file)."""
    with pytest.raises(ConfigError, match=wrong):
        parse_config(f'{{"layoutGenerator": {value}}}'.encode())


def test_unknown_members_and_repeats() -> None:
    """An unknown member is a warning; a repeated key is an error."""
    warnings = parse_config(b'{"layoutGenerator": "a.b", "parameterSpecs": {}}').warnings
    assert [*map(str, warnings)] == ['member "parameterSpecs" is not one Glue reads; did you mean parameterSpec?']
    with pytest.raises(ConfigError, match="more than once"):
        parse_config(b'{"layoutGenerator": "a.b", "layoutGenerator": "a.b"}')


def test_spec_that_getblueprint_could_not_return_is_refused() -> None:
    """ParameterSpec has at most 131072 characters (service model)."""
    with pytest.raises(ConfigError, match="131,072"):
        parse_config(
            b'{"layoutGenerator": "a.b", "parameterSpec": {"A": {"type": "String", "description": "%s"}}}'
            % (b"x" * 131_072)
        )


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_config_or_config_errors(data: bytes) -> None:
    """Whatever a zip holds as blueprint.cfg, reading it never fails in an unforeseen way."""
    with contextlib.suppress(ConfigError):
        assert parse_config(data).layout_function
