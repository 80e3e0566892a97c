"""Level 1: the payload is there, decodes, and is what its media type says."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validators.cda.samples import LETTER, LEVEL_1, Edit, add, check, put, remove, write
from validators.cda import CdaResult
from validators.messages import render

TEXT = "component/nonXMLBody/text"
PLACE = "/ClinicalDocument/component[1]/nonXMLBody[1]/text[1]"


def level_1(*edits: Edit) -> CdaResult:
    return check(*edits, source=LEVEL_1)


def carrying(media: str, content: bytes) -> CdaResult:
    return level_1(put(TEXT, mediaType=media), write(TEXT, base64.b64encode(content).decode()))


def rules(result: CdaResult) -> list[str]:
    assert all("{" not in render(issue, lang) for issue in result.report for lang in ("fr", "en"))
    return [issue.rule for issue in result.report]


SAMPLES = [
    ("application/pdf", b"%PDF-1.4 x"),
    ("application/pdf", b"\r\n%PDF-1.4 x"),
    ("image/jpeg", b"\xff\xd8\xff\xe0"),
    ("image/tiff", b"II*\x00x"),
    ("image/tiff", b"MM\x00*x"),
    ("text/rtf", rb"{\rtf1}"),
    ("text/plain", "Opéré".encode()),
    ("text/plain", "Opéré".encode("latin-1")),
]


@pytest.mark.parametrize(("media", "content"), SAMPLES)
def test_the_five_media(media: str, content: bytes) -> None:
    result = carrying(media, content)
    assert rules(result) == []
    assert result.payload is not None
    assert (result.payload.media_type, result.payload.content) == (media, content)


@pytest.mark.parametrize("media", ["application/pdf", "image/jpeg", "image/tiff", "text/rtf"])
def test_bytes_of_another_kind(media: str) -> None:
    assert rules(carrying(media, b"Hello world")) == ["CDA-N1-SIGNATURE"]


def test_binary_is_no_text() -> None:
    assert rules(carrying("text/plain", b"\x00\x01")) == ["CDA-N1-SIGNATURE"]


def test_other_media() -> None:
    assert rules(carrying("text/html", b"<html/>")) == ["CDA-N1-MEDIA"]
    assert rules(level_1(put(TEXT, mediaType=None))) == ["CDA-N1-MEDIA"]


def test_no_content() -> None:
    empty = level_1(write(TEXT, " \n"))
    assert rules(empty) == ["CDA-N1-EMPTY"]
    assert next(iter(empty.report)).location == PLACE
    gone = level_1(remove(TEXT))
    assert rules(gone) == ["CDA-N1-EMPTY"]
    assert gone.payload is not None
    assert gone.payload.content is None
    assert rules(level_1(write(TEXT, ""), add(TEXT, "<reference value='x.pdf'/>"))) == ["CDA-N1-EMPTY"]


@pytest.mark.parametrize("text", ["JVBERi0", "JVBE!Ri0=", "é", "===="])
def test_corrupt_base64(text: str) -> None:
    result = level_1(write(TEXT, text))
    assert rules(result) == ["CDA-N1-BASE64"]
    assert result.payload is not None
    assert result.payload.content is None


def test_base64_may_have_lines() -> None:
    assert rules(level_1(write(TEXT, "JVBE\r\n  Ri0xLjc=\n"))) == []


def test_only_text_may_be_written_as_it_is() -> None:
    plain = (put(TEXT, representation=None, mediaType="text/plain"), write(TEXT, "Opéré"))
    result = level_1(*plain)
    assert rules(result) == []
    assert result.payload is not None
    assert result.payload.content == "Opéré".encode()
    assert rules(level_1(put(TEXT, representation="TXT"))) == ["CDA-N1-BASE64"]


@given(st.binary(min_size=1, max_size=200), st.sampled_from([media for media, _ in SAMPLES]))
def test_any_bytes_are_decoded_as_they_are(content: bytes, media: str) -> None:
    result = carrying(media, content)
    assert result.payload is not None
    assert result.payload.content == content


def test_templates_of_a_level_1() -> None:
    model = add("", "<templateId root='1.2.250.1.213.1.1.1.29' extension='2022.01'/>")
    assert rules(level_1(model)) == ["CDA-BODY-KIND"]
    assert rules(level_1(put("templateId[3]", root="1.2.250.1.213.1.1.1.29"))) == ["CDA-BODY-KIND"]
    assert rules(level_1(put("templateId[3]", root="1.2.3"))) == ["CDA-BODY-KIND"]
    assert rules(level_1(add("", "<templateId root='1.2.3.4'/>"))) == []


def test_a_structured_body_has_no_payload() -> None:
    assert check(source=LETTER).payload is None


def test_a_level_1_counts_by_its_type_code() -> None:
    result = level_1(
        put("code", code="34874-8", displayName="CR opératoire"), write("title", "Compte rendu opératoire")
    )
    assert result.kind is not None
    assert result.kind.code == "CRO"
    assert result.report.valid
