"""Data directories are found upwards, as git finds repositories, and only where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from glueprint.cli.main import cli
from glueprint.client.data_dirs import check_is_data_dir, find_data_dir
from glueprint.client.errors import NoData
from glueprint.local.datadir import DataDirectory


def test_the_nearest_data_directory_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory's own, else that of the nearest directory above (gitrepository-layout(5)); a
    ``.glueprint`` that no server has made is skipped.
    """
    below = tmp_path / "project" / "jobs"
    below.mkdir(parents=True)
    DataDirectory.open(tmp_path / ".glueprint").close()
    (tmp_path / "project" / ".glueprint").mkdir()
    monkeypatch.chdir(below)
    assert find_data_dir() == find_data_dir(below) == tmp_path / ".glueprint"
    DataDirectory.open(tmp_path / "project" / ".glueprint").close()
    assert find_data_dir() == tmp_path / "project" / ".glueprint"
    monkeypatch.chdir(tmp_path)
    assert find_data_dir() == Path(".glueprint")


def test_a_directory_of_another_user_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a shared machine, anyone can write ``/tmp/.glueprint``; its server would receive this user's scripts."""
    DataDirectory.open(tmp_path / ".glueprint").close()
    monkeypatch.setattr("os.getuid", lambda: 4242)
    assert find_data_dir(tmp_path / "below") != tmp_path / ".glueprint"


def test_where_nothing_is_there_is_nothing_to_read(tmp_path: Path) -> None:
    """A missing or empty directory; of anything else, the server's own check decides."""
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NoData, match="no local Glue data in"):
            check_is_data_dir(path)
    (tmp_path / "file").touch()
    check_is_data_dir(tmp_path)
    check_is_data_dir(tmp_path / "file")


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["graph", "x"],
        ["query", "SELECT 1"],
        ["table", "a.b"],
        ["delete", "x"],
        ["bucket", "ls"],
        ["bucket", "get", "shop/x"],
        ["bucket", "rm", "shop/x", "--yes"],
        ["logs", "x"],
        ["explain", "x"],
        ["explain", "crawler/x"],
        ["stop", "x"],
        ["resume", "x", "latest", "--from", "a"],
        ["simulate", "x"],
        ["run", "x"],
        ["create", "x"],
        ["env"],
    ],
)
def test_commands_that_need_data_create_none(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is one line and an exit code, and leaves no directory behind."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ENDPOINT_URL", "GLUEPRINT_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code in (1, 2), result.output
    assert "no local Glue" in result.stderr
    assert list(tmp_path.iterdir()) == []
