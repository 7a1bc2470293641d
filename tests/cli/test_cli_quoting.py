"""Names and values that were not quoted, and values of a wrong type: the message shows what to type."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from glueprint.blueprint.parameter_types import ParameterType
from glueprint.blueprint.spec import ParameterErrors, ParameterSpec
from glueprint.cli.main import cli
from glueprint.client.blueprint_parameters import ParametersRefused, check_values, typed_values


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (["create", "b", "--param", "Name=foo", "bar"], "quote it: 'Name=foo bar'"),
        (["create", "b", "--param", "Name=foo", "bar", "baz", "--no-wait"], "quote it: 'Name=foo bar baz'"),
        (["run", "my", "workflow"], "quote it: 'my workflow'"),
        (["bucket", "ls", "shop/my", "orders/"], "quote it: 'shop/my orders/'"),
        (["create", "b", "--param", "Name", "=", "foo"], "without spaces around the equals sign: Name=foo"),
        (["create", "b", "--param", "Name", "=my", "foo"], "equals sign: 'Name=my foo'"),
        (["create", "b", "--param", "Keys=[a,", "b]"], """as one word: 'Keys=["a", "b"]'"""),
    ],
)
def test_unquoted_words_are_shown_quoted(typed: list[str], hint: str) -> None:
    """click names the surplus word only; the user needs the word before it as well."""
    result = CliRunner().invoke(cli, typed)
    assert result.exit_code == 2
    assert "Got unexpected extra argument" in result.stderr
    assert hint in result.stderr


def test_surplus_words_after_an_option_have_no_hint() -> None:
    """Nothing is guessed if no word before could be the start of the value."""
    assert "quote" not in CliRunner().invoke(cli, ["env", "--json", "x"]).stderr


def test_a_list_that_lost_its_quotation_marks_is_explained() -> None:
    """``--param Keys=["a","b"]`` reaches the program as ``Keys=[a,b]``."""
    parameters = {"Keys": {"type": "String", "collection": True}}
    with pytest.raises(ParametersRefused) as caught:
        check_values("b", parameters, typed_values([("Keys", "[a,b]")], parameters))
    (finding,) = caught.value.findings
    assert finding.remedy == """in a shell, quote it as one word: 'Keys=["a", "b"]'"""


@pytest.mark.parametrize("kind", list(ParameterType))
def test_the_message_of_each_type_has_a_right_value(kind: ParameterType) -> None:
    """The eight types of DG:developing-blueprints-code-parameters: the example in the message is accepted."""
    assert kind.accepts(json.loads(kind.example))
    wrong = None if kind is not ParameterType.STRING else 5
    for declared in ({"type": str(kind)}, {"type": str(kind), "collection": True}):
        with pytest.raises(ParameterErrors) as caught:
            ParameterSpec.parse({"P": declared}).resolve({"P": {"wrong": wrong}})
        assert kind.example in str(caught.value)
