"""Evidence packs: the same bytes each time, checked offline, refused when anything in them was touched."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.money import plain_euros
from indicators.programmes import evidence_pack, programme, programmes
from indicators.programmes.decisions import DecisionRecord, Instalment, counted_keys
from indicators.programmes.errors import RuleError
from indicators.programmes.evidence_pack import CountedFigure, Evidence, Failure, build, members, pack, verify
from indicators.programmes.parameter_sets import load
from tests.support.decisions import NOTIFIED, PAID, cases, rare, record

ALL = programmes()
SUN1 = programme("sun_es_v1")
CASES = cases()
SET = """id: ars-test
version: 1
programme: sun_es_v1
signed_off: {by: "Direction", role: ars, signed_on: 2022-01-15}
parameters:
  - {name: "target:I-SUN1-LDL:F1", value: "70", mark: CONFIG, source: "essai"}
"""
KEYS = counted_keys(b"secret", ["doc-1", "doc-2", "doc-3"])
FIGURE = CountedFigure("I-SUN1-LDL", "350000014", 3, 4, "2022-01-01", "2022-06-30", KEYS)
DECLARED = {"indicator": "I-SUN1-LDL", "organization": "350000014", "declared": {"numerator": 3, "denominator": 4},
            "computed": {"numerator": 3, "denominator": 4}}  # fmt: skip
CONTESTED = {"id": "c-1", "measure": "I-SUN1-LDL", "document": "a" * 64, "reason": "INS_NOT_QUALIFIED",
             "statement": "Lettre du 29 juin.", "at": "2022-07-10T09:00:00+00:00", "answer": None}  # fmt: skip


def made(**changes: Any) -> Evidence:
    fingerprint = load(SET, ALL).found
    assert fingerprint is not None
    named = f"ars-test@1 sha256:{fingerprint.fingerprint}"
    decision = record("sun_es_v1", "sun1_payments", PAID, ("advance", 9_600_000), ("usage", 25_600_000),
                      parameter_set=named, counted=KEYS)  # fmt: skip
    whole: dict[str, Any] = {
        "record": decision, "parameters": SET, "figures": (FIGURE,), "declared": (DECLARED,),
        "contestations": (CONTESTED,),
    }  # fmt: skip
    return Evidence(**(whole | changes))


def rewritten(evidence: Evidence, name: str, change: Callable[[Any], Any]) -> bytes:
    """A pack in which a member was changed, and the manifest with it, as a careful hand would."""
    found = members(evidence, SUN1)
    found[name] = json.dumps(change(json.loads(found[name])), ensure_ascii=False).encode()
    manifest = json.loads(found["manifest.json"])
    manifest["members"][name] = {"sha256": hashlib.sha256(found[name]).hexdigest(), "size": len(found[name])}
    if name == "decision.json":
        manifest["decision"] = {"id": json.loads(found[name])["id"], "sha256": manifest["members"][name]["sha256"]}
    return pack(found | {"manifest.json": json.dumps(manifest).encode()})


def canonical(record_: DecisionRecord) -> bytes:
    """The pack of another record, everything else as it was."""
    found = members(made(), SUN1) | {"decision.json": record_.to_bytes()}
    manifest = json.loads(found["manifest.json"])
    digest = hashlib.sha256(found["decision.json"]).hexdigest()
    manifest["members"]["decision.json"] = {"sha256": digest, "size": 0}
    manifest["decision"] = {"id": record_.id, "sha256": digest}
    return pack(found | {"manifest.json": json.dumps(manifest).encode()})


def codes(data: bytes, digest: str | None = None) -> set[tuple[str, str]]:
    return {(one.member, one.code) for one in verify(data, ALL, digest)}


class TestWhole:
    def test_it_verifies_with_the_digest_of_the_letter(self) -> None:
        evidence = made()
        data = build(evidence, SUN1)
        assert verify(data, ALL, evidence.record.digest) == []
        assert codes(data, "0" * 64) == {("decision.json", "DIGEST_DIFFERS")}

    def test_the_same_evidence_gives_the_same_bytes(self) -> None:
        assert build(made(), SUN1) == build(made(), SUN1)

    def test_names_are_in_order_and_times_are_fixed(self) -> None:
        with zipfile.ZipFile(BytesIO(build(made(), SUN1))) as archive:
            infos = archive.infolist()
        assert [info.filename for info in infos] == sorted(evidence_pack.MEMBERS)
        assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}

    @pytest.mark.parametrize(("of", "kind"), CASES, ids="-".join)
    def test_every_decision_of_every_programme(self, of: str, kind: str) -> None:
        evidence = Evidence(CASES[of, kind][0])
        assert verify(build(evidence, programme(of)), ALL) == []

    def test_it_says_in_two_languages_how_to_check_it(self) -> None:
        evidence = made()
        found = members(evidence, SUN1)
        text = found["README.txt"].decode()
        assert text.count(evidence.record.digest) == 4
        assert "DOSSIER DE PREUVE" in text
        assert "EVIDENCE PACK" in text
        assert hashlib.sha256(found["decision.json"]).hexdigest() == evidence.record.digest
        for name in evidence_pack.MEMBERS - {"README.txt"}:
            assert text.count(f"\n{name} ") == 2, name

    def test_the_rules_are_those_in_force_with_their_texts(self) -> None:
        rules = json.loads(members(made(), SUN1)["rules.json"])
        assert {row["id"] for row in rules} == set(made().record.rules)
        assert all(row["statement_fr"] and row["statement_en"] and row["text_fr"] for row in rules)

    def test_the_account_of_a_restitution_adds_up(self) -> None:
        decision = rare("updated", date(2020, 10, 15))
        assert verify(build(Evidence(decision), programme("maladies_rares")), ALL) == []


class TestTampered:
    @pytest.mark.parametrize("name", sorted(evidence_pack.MEMBERS - {"manifest.json"}))
    def test_a_changed_byte_is_named(self, name: str) -> None:
        found = members(made(), SUN1)
        found[name] = found[name].replace(b"1", b"2", 1) if b"1" in found[name] else found[name] + b" "
        assert (name, "HASH_DIFFERS") in codes(pack(found))

    @pytest.mark.parametrize("name", sorted(evidence_pack.MEMBERS))
    def test_a_missing_member_is_named(self, name: str) -> None:
        found = {key: data for key, data in members(made(), SUN1).items() if key != name}
        assert (name, "MEMBER_MISSING") in codes(pack(found))

    @pytest.mark.parametrize("name", sorted(evidence_pack.MEMBERS))
    def test_a_member_that_cannot_be_read_is_named(self, name: str) -> None:
        found = members(made(), SUN1) | {name: b"\xff{"}
        assert any(member == name for member, _ in codes(pack(found)))

    @pytest.mark.parametrize("text", [b"[]", b"{}", b'{"members": 1}', b'{"members": {"x": 1}}', b"[" * 100_000])
    def test_a_manifest_of_another_shape(self, text: bytes) -> None:
        assert ("manifest.json", "MEMBER_UNREADABLE") in codes(pack(members(made(), SUN1) | {"manifest.json": text}))

    def test_a_manifest_of_another_decision(self) -> None:
        found = members(made(), SUN1)
        text = found["manifest.json"].replace(made().record.digest.encode(), b"0" * 64, 1)
        assert ("manifest.json", "MANIFEST_DIFFERS") in codes(pack(found | {"manifest.json": text}))

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"outcome": {"advance": "1.00", "usage": "256000.00", "total": "352000.00"}}, "REPLAY_DIFFERS"),
            ({"inputs": PAID | {"standard_amount": "18000"}}, "REPLAY_DIFFERS"),
            ({"inputs": {"surprise": 1}}, "REPLAY_DIFFERS"),
            ({"rules": {"SUN1-R24": "2021-07-01"}}, "REPLAY_DIFFERS"),
            ({"op": "sun1_magic"}, "REPLAY_DIFFERS"),
            ({"programme": "moon"}, "PROGRAMME_UNKNOWN"),
            ({"instalments": (Instalment("advance", 9_600_001),)}, "INSTALMENTS_DIFFER"),
            ({"instalments": (Instalment("advance", 25_600_000), Instalment("usage", 9_600_000))},
             "INSTALMENTS_DIFFER"),
            ({"instalments": (Instalment("usage", 25_600_000), Instalment("usage", 25_600_000))},
             "INSTALMENTS_DIFFER"),
            ({"counted": ("350000014",)}, "NOT_A_KEY"),
        ],
    )  # fmt: skip
    def test_a_decision_that_does_not_follow_from_its_inputs(self, change: dict[str, Any], code: str) -> None:
        assert ("decision.json", code) in codes(canonical(replace(made().record, **change)))

    @pytest.mark.parametrize(
        "change",
        [{"as_of": "soon"}, {"as_of": 5}, {"decided_at": "2022-07-20"}, {"inputs": []}, {"rules": {"a": 1}},
         {"counted": [1]}, {"instalments": [{"name": "x", "cents": 1.5}]}, {"id": None}, {"surprise": 1}],
    )  # fmt: skip
    def test_a_record_of_another_shape(self, change: dict[str, Any]) -> None:
        data = rewritten(made(), "decision.json", lambda row: row | change)
        assert ("decision.json", "MEMBER_UNREADABLE") in codes(data)

    def test_a_record_written_another_way(self) -> None:
        assert ("decision.json", "RECORD_NOT_CANONICAL") in codes(rewritten(made(), "decision.json", lambda row: row))

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"numerator": 4}, "COUNTED_DIFFERS"),
            ({"counted": [*KEYS, KEYS[0]]}, "COUNTED_DIFFERS"),
            ({"counted": [*KEYS, "b" * 64], "numerator": 4}, "COUNTED_NOT_RECORDED"),
            ({"counted": list(KEYS[:2]), "numerator": 2}, "COUNTED_NOT_RECORDED"),
            ({"counted": ["1.2.250.1.999.42"], "numerator": 1}, "NOT_A_KEY"),
            ({"counted": "abc"}, "NOT_A_KEY"),
            ({"patient": "b7"}, "PSEUDONYM_FOUND"),
            ({"note": "1 85 05 78 006 084 91".replace(" ", "")}, "IDENTITY_FOUND"),
        ],
    )
    def test_figures_that_do_not_count_what_they_say(self, change: dict[str, Any], code: str) -> None:
        data = rewritten(made(), "figures.json", lambda rows: [rows[0] | change])
        assert ("figures.json", code) in codes(data)

    def test_a_computed_figure_beside_the_declared_one_is_that_of_the_figures(self) -> None:
        change = {"computed": {"numerator": 4, "denominator": 4}}
        data = rewritten(made(), "declared.json", lambda rows: [rows[0] | change])
        assert codes(data) == {("declared.json", "DECLARED_DIFFERS")}

    def test_other_rules(self) -> None:
        assert ("rules.json", "RULES_DIFFER") in codes(rewritten(made(), "rules.json", lambda rows: rows[1:]))
        emptied = rewritten(made(), "rules.json", lambda rows: [row | {"source": ""} for row in rows])
        assert codes(emptied) == {("rules.json", "MEMBER_UNREADABLE")}

    def test_a_contested_document_by_its_name(self) -> None:
        data = rewritten(made(), "contestations.json", lambda rows: [rows[0] | {"document": "1.2.3"}])
        assert codes(data) == {("contestations.json", "NOT_A_KEY")}

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (SET.replace('"70"', '"71"'), "PARAMETERS_DIFFER"),
            (SET.replace("version: 1", "version: 2"), "PARAMETERS_DIFFER"),
            (SET.replace("70", "700"), "PARAMETERS_INVALID"),
            ("a: &x [1]\nb: *x\n", "PARAMETERS_INVALID"),
            (SET + "# " + "x" * 1_000_000, "PARAMETERS_INVALID"),
            ("a: [", "PARAMETERS_INVALID"),
        ],
    )
    def test_another_parameter_set(self, text: str, code: str) -> None:
        with pytest.raises(RuleError, match=f"pack:{code}:parameters.yaml"):
            build(made(parameters=text), SUN1)

    def test_every_failure_is_one_line_in_both_languages(self) -> None:
        for one in verify(canonical(replace(made().record, outcome={}, instalments=(), programme="moon")), ALL):
            assert "\n" not in one.message("fr")
            assert one.message("fr") != one.message("en")
            assert one.code in one.message("fr")


class TestHostile:
    def zipped(self, *rows: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
        target = BytesIO()
        with zipfile.ZipFile(target, "w", method) as archive:
            for name, data in members(made(), SUN1).items():
                archive.writestr(name, data)
            for info, data in rows:
                archive.writestr(info, data)
        return target.getvalue()

    @pytest.mark.parametrize(
        "name", ["../decision.json", "/etc/passwd", "sub/decision.json", "Decision.json", "virus.exe"]
    )
    def test_any_other_member_is_named_and_never_read(self, name: str) -> None:
        found = verify(self.zipped((name, b"x")), ALL)
        assert [(one.code, one.detail) for one in found] == [("MEMBER_UNEXPECTED", repr(name))]

    def test_a_link_is_no_member(self) -> None:
        info = zipfile.ZipInfo("README.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        target = BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(info, b"/etc/passwd")
        found = codes(target.getvalue())
        assert {("", "MEMBER_UNEXPECTED"), ("README.txt", "MEMBER_MISSING")} <= found

    def test_a_member_twice(self) -> None:
        with pytest.warns(UserWarning, match="Duplicate name"):
            data = self.zipped(("README.txt", b"x"))
        assert codes(data) == {("README.txt", "MEMBER_TWICE")}

    def test_a_bomb_is_not_inflated(self) -> None:
        target = BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", b"\0" * (evidence_pack.MAX_BYTES + 1))
        assert len(target.getvalue()) < 200_000
        assert ("", "ZIP_TOO_LARGE") in codes(target.getvalue())

    def test_an_archive_over_the_limit(self) -> None:
        assert codes(b"PK" + b"\0" * evidence_pack.MAX_BYTES) == {("", "ZIP_TOO_LARGE")}

    def test_a_lie_about_the_size(self) -> None:
        data = bytearray(build(made(), SUN1))
        at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"rules.json"))
        data[at + 24 : at + 28] = (7).to_bytes(4, "little")
        assert any(member == "rules.json" for member, _ in codes(bytes(data)))

    @given(st.binary(max_size=300))
    def test_bytes_that_are_no_archive(self, data: bytes) -> None:
        assert verify(data, ALL)

    @given(st.data())
    def test_a_flipped_bit_never_passes_for_another_decision(self, data: st.DataObject) -> None:
        """Whatever is touched, either a failure says so or the record is the same bytes (a bit of zip bookkeeping)."""
        whole = _WHOLE
        place = data.draw(st.integers(0, len(whole) - 1))
        touched = whole[:place] + bytes([whole[place] ^ (1 << data.draw(st.integers(0, 7)))]) + whole[place + 1 :]
        if not verify(touched, ALL):
            assert evidence_pack.unpack(touched)[0] == evidence_pack.unpack(whole)[0]


_WHOLE = build(made(), SUN1)


class TestPrivacy:
    @pytest.mark.parametrize(
        ("inputs", "place"),
        [
            ({"target_pct": "25", "eligible_patients": ["p1"], "messages": []}, "eligible_patients"),
            ({"target_pct": "25", "eligible_patients": 1,
              "messages": [{"patient": "p1", "doc_type": "SDM-MR"}]}, "messages"),
        ],
    )  # fmt: skip
    def test_a_decision_that_names_somebody_makes_no_pack(self, inputs: dict[str, Any], place: str) -> None:
        decision = record("maladies_rares", "mr_sdm_rate", inputs)
        with pytest.raises(RuleError, match=rf"pack:PSEUDONYM_FOUND:decision\.json:inputs\.{place}"):
            build(Evidence(decision), programme("maladies_rares"))

    def test_counts_and_keys_are_welcome(self) -> None:
        inputs = {"target_pct": "25", "eligible_patients": 4, "messages": [{"patient": KEYS[0], "doc_type": "SDM-MR"}]}
        decision = record("maladies_rares", "mr_sdm_rate", inputs)
        assert build(Evidence(decision), programme("maladies_rares"))

    @pytest.mark.parametrize("text", ["185057800608491", "1.2.250.1.213.1.4.8", "1850578006084", "118082A00608491"])
    def test_an_identity_in_a_statement(self, text: str) -> None:
        evidence = made(contestations=(CONTESTED | {"statement": f"Voir {text}."},))
        with pytest.raises(RuleError, match=r"pack:IDENTITY_FOUND:contestations\.json"):
            build(evidence, SUN1)

    @pytest.mark.parametrize("text", ["350000014", "2022-06-30", "a185057800608491", "18505780060849"])
    def test_another_number_is_none(self, text: str) -> None:
        assert build(made(contestations=(CONTESTED | {"statement": f"Voir {text}."},)), SUN1)


class TestInstalments:
    @given(st.integers(0, 35_200_000))
    def test_whatever_the_forfait_the_instalments_add_up(self, forfait: int) -> None:
        inputs = PAID | {"standard_amount": plain_euros(forfait), "bonus_claimed": False}
        outcome = record("sun_es_v1", "sun1_payments", inputs).outcome
        paid = [(name, round(float(outcome[name]) * 100)) for name in ("advance", "usage")]
        decision = record("sun_es_v1", "sun1_payments", inputs, *paid)
        assert decision.total == forfait
        assert verify(build(Evidence(decision), SUN1), ALL) == []
        touched = replace(decision, instalments=(*decision.instalments, Instalment("usage", forfait + 1)))
        assert Failure("decision.json", "INSTALMENTS_DIFFER", "usage") in verify(canonical(touched), ALL)

    def test_a_bonus_paid_apart_is_a_part_of_the_usage(self) -> None:
        decision = record("sun_es_v1", NOTIFIED["sun_es_v1"][0], NOTIFIED["sun_es_v1"][1], *NOTIFIED["sun_es_v1"][2])
        assert verify(build(Evidence(decision), SUN1), ALL) == []
