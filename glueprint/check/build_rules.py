"""The rules that others apply: the build, the readers of ``blueprint.cfg``, the layout library, the analysis."""

from __future__ import annotations

from glueprint.check.rule import Rule, error, note, warning

_CONFIG = "DG:developing-blueprints-code-config"
_PARAMETERS = "DG:developing-blueprints-code-parameters"
_LAYOUT = "DG:developing-blueprints-code-layout"
_BUNDLE = "docs/decisions/bundling.md"
_PYTHON = "DG:add-job-python, DG:aws-glue-programming-python-libraries"
_TRIGGERS = "docs/explain.md"
_REGISTRATION = "CreateBlueprint ends FAILED, and the blueprint cannot be used."
_NAMESPACE = "The build writes shared helpers into each file; there, two meanings of one name would meet."


def _config(name: str, title: str, remedy: str, source: str = _CONFIG) -> Rule:
    return error(name, title, _REGISTRATION, remedy, source)


def _build(name: str, title: str, remedy: str) -> Rule:
    return error(name, title, _NAMESPACE, remedy, _BUNDLE)


def _newer(name: str, title: str) -> Rule:
    why = "The Python of the job or of the layout is older, and the file fails when it is loaded."
    return error(name, title, why, "write it for that Python", _PYTHON)


def _never(name: str, title: str, remedy: str) -> Rule:
    return error(name, title, "Glue creates the workflow, and a part of it never runs.", remedy, _TRIGGERS)


RULES = (
    _config("config-not-json", "blueprint.cfg is not valid JSON", "correct the line"),
    _config("config-not-utf8", "blueprint.cfg is not UTF-8 text", "save it as UTF-8"),
    _config(
        "wrong-layout-generator",
        "layoutGenerator does not name the layout's function",
        "write <folder>.<module>.<function>",
    ),
    _config("no-layout-function", "The layout does not define the function of layoutGenerator", "define it"),
    _config("wrong-parameter-spec", "A parameter is declared in a way that Glue cannot read", "", _PARAMETERS),
    _config(
        "parameter-spec-too-long", "parameterSpec is longer than Glue returns", "shorten descriptions", _PARAMETERS
    ),
    warning(
        "unknown-member",
        "blueprint.cfg has a member that Glue does not read",
        "A misspelt defaultValue makes the parameter mandatory.",
        "correct the name",
        _PARAMETERS,
    ),
    warning(
        "default-not-allowed",
        "The default is not one of allowedValues",
        "The console's form starts with a value that it does not offer.",
        "add it to allowedValues, or choose another default",
        _PARAMETERS,
    ),
    _config("blueprint-name", "The blueprint's name is not lower case letters, digits and _", "rename it"),
    _config("no-such-file", "A file of the blueprint is missing", "create it"),
    _config("name-taken", "Two sources become the same file of the zip", "rename one"),
    error("syntax-error", "A file is not valid Python", "The file cannot be loaded.", "", "the Python reference"),
    error("not-utf8", "A Python file is not UTF-8 text", "Python cannot read it.", "save it as UTF-8", "PEP 3120"),
    _build("name-clash", "Two bundled files define the same name", "rename one of them"),
    _build("builtin-hidden", "A bundled file defines the name of a builtin", "rename it"),
    _build("name-assigned-twice", "An imported name is assigned again", "use another name"),
    _build("helper-cycle", "Helpers import one another", "move what both need into a third"),
    _build("helper-file", "A helper uses __file__", "read the file in the script"),
    _build("helper-main", "A helper has code for its own start", "move it into the script"),
    _build("import-form", "A helper is imported in a form that cannot be bundled", "from common.x import name"),
    _build("import-star", "import * whose names are not known", "import the names"),
    _build("late-helper-import", "A helper is imported below the head of the file", "move the import up"),
    _build("shared-import-line", "An import shares its line with other code", "give it its own line"),
    _build("not-a-helper", "An import from the catalogue that is not a helper", "import from common"),
    _build("no-such-helper", "The helper does not exist", "correct the name"),
    _build("no-such-name", "The helper does not define the name", "correct the name"),
    warning(
        "not-checked",
        "A script has newer syntax than this Python",
        "It is copied as it is, unchecked.",
        "run the check with the Python of the job",
        _PYTHON,
    ),
    error(
        "import-not-available",
        "A module that Glue does not have there",
        "The import fails: layouts and Python shell scripts have neither pyspark nor awsglue's Spark classes.",
        "",
        _PYTHON,
    ),
    warning(
        "import-not-certain",
        "A module that may be missing where Glue runs layouts",
        "The guide grants the packages of Python shell jobs; only boto3 is certain.",
        "use boto3 and the standard library",
        _LAYOUT,
    ),
    warning(
        "import-needs-library-set",
        "A module that needs library-set=analytics",
        "Without it, a Python shell job of 3.9 does not have the module.",
        'add "library-set": "analytics" to the job\'s DefaultArguments',
        _PYTHON,
    ),
    warning(
        "import-not-provided",
        "A module that Glue does not provide",
        "The import fails unless the job installs the module.",
        "add it to --additional-python-modules",
        _PYTHON,
    ),
    _newer("syntax-newer-than-python", "Syntax that the job's Python does not have"),
    _newer("module-newer-than-python", "A standard module that the job's Python does not have"),
    _newer("name-newer-than-python", "A name that the job's Python does not have"),
    _newer("argument-newer-than-python", "An argument that the job's Python does not have"),
    _newer("union-newer-than-python", "A union X | Y that Python 3.9 evaluates"),
    warning(
        "value-dropped",
        "A value that the layout library drops",
        "The library takes 0, False and empty values for not given, and ignores members that it does not know: "
        "Glue's default applies.",
        "leave it out, or set it after the blueprint run",
        "docs/decisions/layout-classes.md",
    ),
    warning(
        "argument-not-text",
        "An argument that is not text",
        "The job gets it as JSON writes it, such as true for True.",
        "write it as text",
        "docs/fidelity/blueprint.md",
    ),
    warning(
        "module-of-zip",
        "The layout imports another file of the zip",
        "Users report that Glue finds only the layout's own module.",
        "copy what the layout needs into it; glueprint build does",
        "awslabs/aws-glue-blueprint-libs#12",
    ),
    _never("no-starting-trigger", "The workflow has no starting trigger", "let one entity depend on nothing"),
    _never("trigger-not-active", "A trigger is not active", "activate it"),
    _never("condition-never-holds", "A condition can never be true", "wait for a state that can occur"),
    _never("contradictory-conditions", "A trigger waits for two states of one node", "use ANY, or two triggers"),
    _never("trigger-never-fires", "A trigger can never fire", "see the conditions of the trigger"),
    _never("node-never-runs", "A job or crawler can never run", "see the trigger that starts it"),
    note(
        "node-is-its-own-condition",
        "A node waits for itself",
        "It runs at most once in a workflow run.",
        "remove the dependency",
        _TRIGGERS,
    ),
    note(
        "workflow-cycle",
        "Nodes wait for one another",
        "Each trigger fires at most once in a workflow run.",
        "remove one dependency",
        _TRIGGERS,
    ),
)
