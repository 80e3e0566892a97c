"""The page of judged examples is what a fresh run says; where the examples are not at hand nothing is written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import DOCS, ROOT
from tests.support.shared import shared

PAGE = DOCS / "reference" / "examples.md"


def run(script: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_page_is_what_a_fresh_run_says() -> None:
    shared("examples/README.md")
    done = run(DOCS / "examples.py", "--check")
    assert (done.returncode, done.stdout) == (0, ""), f"run `python docs/examples.py`\n{done.stderr}"


def test_every_example_is_on_it() -> None:
    folder = shared("examples/README.md").parent
    rows = re.findall(r"^\| (\S+\.json) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(path.name for path in folder.glob("*/*.json"))


def test_every_refusal_says_which_rules_and_why() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if "**not conformant**" in line]
    assert rows
    assert all("`" in errors and len(why) > len(" |") for _, _, errors, _, why in rows)


def test_without_the_examples_there_is_nothing_to_judge(tmp_path: Path) -> None:
    script = tmp_path / "alone" / "docs" / "examples.py"
    script.parent.mkdir(parents=True)
    for name in ("examples.py", "written.py"):
        shutil.copyfile(DOCS / name, script.with_name(name))
    done = run(script)
    assert (done.returncode, done.stdout) == (0, "no ../shared/examples: nothing to judge\n")
    assert not (tmp_path / "alone" / "docs" / "reference").exists()
