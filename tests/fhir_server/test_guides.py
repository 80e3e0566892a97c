"""The packages a server judges by: how they are named, loaded once, and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhir_server.fhir.capability import capability_statement
from fhir_server.guides import GuideError, load_guides, package_folder, packages_named
from fhir_server.intake.checks import Checks
from fhir_server.settings import settings_from
from tests.support.packages import package, profile
from validators.fhir import default_walker
from validators.mhd import pdsm_walker
from validators.package_store import Manifest
from validators.pdsm import Pdsm
from validators.report import Report

URL = "https://example.org/fhir/StructureDefinition/named"
PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm"


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "guide.tgz"
    path.write_bytes(package("org.example.guide", "1.0.0", profile(URL, path="Patient.name", min=1)))
    return path


def test_names_are_one_text_in_the_environment_and_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "segur.env"
    config.write_text("SEGUR_PACKAGE=a.b@1.0.0  c.d\nSEGUR_PACKAGES=/srv/packages\nSEGUR_PDSM=head\n")
    found = settings_from(config)
    assert (found.package, found.packages, found.pdsm) == (("a.b@1.0.0", "c.d"), Path("/srv/packages"), Pdsm.HEAD)
    monkeypatch.setenv("SEGUR_PACKAGE", "e.f")
    assert settings_from(config).package == ("e.f",)
    assert settings_from(config, package=["g.h", "i.j"]).package == ("g.h", "i.j")
    monkeypatch.delenv("SEGUR_PACKAGE")
    assert settings_from().package == ()


def test_without_packages_the_walkers_are_those_they_were() -> None:
    assert Checks().walker is default_walker()
    assert Checks(pdsm=Pdsm.HEAD).walker is pdsm_walker(Pdsm.HEAD)


def test_with_packages_there_is_one_walker_read_whole(guide: Path) -> None:
    for _ in ("compiled now", "compiled before"):
        guides = load_guides([str(guide)], None, Pdsm.RELEASED)
        checks = Checks(guides=guides)
        assert checks.walker is guides.walker
        assert [one.name for one in guides.loaded] == ["org.example.guide"]
        report = Report()
        checks.walker.check({"resourceType": "Patient", "meta": {"profile": [URL]}, "active": True}, report)
        assert [issue.rule for issue in report] == ["FHIR-MIN"]


def test_what_cannot_be_used_is_named(tmp_path: Path, guide: Path) -> None:
    (tmp_path / "text.tgz").write_text("no archive")
    with pytest.raises(GuideError, match=r"text\.tgz"):
        load_guides([str(guide), str(tmp_path / "text.tgz")], None, Pdsm.RELEASED)
    with pytest.raises(GuideError, match=r"org\.example\.none: no such file"):
        packages_named(["org.example.none"], tmp_path)
    with pytest.raises(GuideError, match="neither a file nor the name"):
        packages_named(["none"], tmp_path)


def test_the_folder_is_given_or_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGUR_PACKAGES", "/from/environment")
    assert package_folder(Path("/given")) == Path("/given")
    assert package_folder(None) == Path("/from/environment")
    monkeypatch.delenv("SEGUR_PACKAGES")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert package_folder(None) == Path("/data/segur-fhir/packages")


@pytest.mark.parametrize(
    ("loaded", "guides"),
    [
        ((), [f"{PDSM}/ImplementationGuide/ans.fhir.fr.pdsm"]),
        ((("ans.fhir.fr.pdsm", "3.1.1", PDSM),), [f"{PDSM}/ImplementationGuide/ans.fhir.fr.pdsm|3.1.1"]),
        (
            (("org.example.guide", "1.0.0", "https://example.org/fhir"), ("org.example.bare", "1.0.0", "")),
            [
                f"{PDSM}/ImplementationGuide/ans.fhir.fr.pdsm",
                "https://example.org/fhir/ImplementationGuide/org.example.guide|1.0.0",
            ],
        ),
    ],
)
def test_the_capability_statement_says_which(loaded: tuple[tuple[str, str, str], ...], guides: list[str]) -> None:
    manifests = [Manifest(name, version, "", canonical, (), {}) for name, version, canonical in loaded]
    found = capability_statement("http://127.0.0.1/fhir", manifests)
    assert found["implementationGuide"] == guides
    operation = next(one for one in found["rest"][0]["operation"] if one["name"] == "validate")
    assert all(f"{name}#{version}" in operation["documentation"] for name, version, _ in loaded)
    report = Report()
    default_walker().check(found, report)
    assert report.conformant
