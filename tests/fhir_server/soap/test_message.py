"""A SOAP message: envelope, addressing and documents; every fault names its rule."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from fhir_server.soap.answer import Attachment, envelope, fault_envelope, plain, related
from fhir_server.soap.envelope import read_envelope
from fhir_server.soap.fault import SoapFault, issue
from fhir_server.soap.message import read_message
from tests.support import soap
from validators.report import Report

WSA = soap.NS["wsa"]


def fault_of(data: bytes, kind: str = soap.SOAP_XML) -> SoapFault:
    """The fault that a message meets."""
    with pytest.raises(SoapFault) as found:
        read_message(data, kind)
    return found.value


def written(header: str, body: str = "<a/>") -> bytes:
    """An envelope with this header."""
    return (
        f'<s:Envelope xmlns:s="{soap.NS["s"]}" xmlns:a="{WSA}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body>'
        "</s:Envelope>"
    ).encode()


ACTION, MESSAGE = "<a:Action>urn:x</a:Action>", "<a:MessageID>urn:m</a:MessageID>"


class TestEnvelope:
    def test_gives_its_action_its_id_and_its_body(self) -> None:
        found = read_envelope(written(ACTION + MESSAGE, '<b xmlns="urn:b"/>'))
        assert (found.action, found.message_id, found.body.tag) == ("urn:x", "urn:m", "{urn:b}b")
        assert found.security is None

    @pytest.mark.parametrize(("header", "subcode", "rule"), [
        ("", "wsa:MessageAddressingHeaderRequired", "SOAP-ADDRESSING"),
        (ACTION, "wsa:MessageAddressingHeaderRequired", "SOAP-ADDRESSING"),
        (MESSAGE, "wsa:MessageAddressingHeaderRequired", "SOAP-ADDRESSING"),
        (ACTION + ACTION + MESSAGE, "wsa:InvalidAddressingHeader", "SOAP-ADDRESSING"),
        (ACTION + "<a:MessageID/>", "wsa:InvalidAddressingHeader", "SOAP-ADDRESSING"),
        (f"<a:Action>{'x' * 2000}</a:Action>{MESSAGE}", "wsa:InvalidAddressingHeader", "SOAP-ADDRESSING"),
        (ACTION + MESSAGE + "<a:ReplyTo><a:Address>http://b.fr</a:Address></a:ReplyTo>",
         "wsa:OnlyAnonymousAddressSupported", "SOAP-REPLY-TO"),
        (ACTION + MESSAGE + "<a:FaultTo/>", "wsa:OnlyAnonymousAddressSupported", "SOAP-REPLY-TO"),
    ])  # fmt: skip
    def test_of_wrong_addressing_is_a_fault(self, header: str, subcode: str, rule: str) -> None:
        fault = fault_of(written(header))
        assert (fault.code, fault.subcode, [i.rule for i in fault.issues]) == ("Sender", subcode, [rule])
        assert fault.relates_to == ("urn:m" if MESSAGE in header else None)

    def test_answers_to_the_anonymous_address(self) -> None:
        header = f"{ACTION}{MESSAGE}<a:ReplyTo><a:Address>{WSA}/anonymous</a:Address></a:ReplyTo>"
        assert read_envelope(written(header)).action == "urn:x"

    @pytest.mark.parametrize("data", [
        b"<a/>", written("").replace(b"<a/>", b""), written("").replace(b"<a/>", b"<a/><b/>"),
        written("").replace(b"</s:Envelope>", b"<s:Body><a/></s:Body></s:Envelope>"), written("", "<?a b?>"),
    ])  # fmt: skip
    def test_of_another_form_is_none(self, data: bytes) -> None:
        assert [i.rule for i in fault_of(data).issues] == ["SOAP-ENVELOPE"]

    def test_of_soap_1_1_is_another_version(self) -> None:
        fault = fault_of(b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>')
        assert (fault.code, fault.status) == ("VersionMismatch", 500)
        assert b"SupportedEnvelope" in fault_envelope(fault, "fr")

    def test_of_a_block_for_somebody_else_is_not_ours_to_understand(self) -> None:
        other = '<b s:mustUnderstand="1" s:role="http://b.fr/relay"/>'
        assert read_envelope(written(other + ACTION + MESSAGE)).action == "urn:x"
        assert fault_of(written(other.replace("http://b.fr/relay", "") + ACTION + MESSAGE)).code == "MustUnderstand"

    def test_of_two_security_headers_is_refused(self) -> None:
        one = (
            '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"/>'
        )
        assert read_envelope(written(one + ACTION + MESSAGE)).security is not None
        assert fault_of(written(one * 2 + ACTION + MESSAGE)).subcode == "wsse:InvalidSecurity"

    def test_of_too_many_blocks_is_refused(self) -> None:
        assert [i.rule for i in fault_of(written("<b/>" * 65 + ACTION + MESSAGE)).issues] == ["SOAP-LIMIT"]

    @given(st.binary(max_size=200))
    def test_of_any_bytes_is_a_fault(self, data: bytes) -> None:
        assert fault_of(data).issues

    def test_of_another_action_than_its_content_type_is_a_fault(self) -> None:
        data = written(ACTION + MESSAGE)
        assert read_message(data, 'application/soap+xml; action="urn:x"').envelope.action == "urn:x"
        assert fault_of(data, 'application/soap+xml; action="urn:y"').subcode == "wsa:ActionMismatch"


def contents(data: bytes, kind: str) -> tuple[dict[int, bytes], list[str]]:
    """The documents of a message, and the rules of what is wrong with them."""
    message, report = read_message(data, kind), Report()
    found = message.contents([(f"/a[{n}]", e) for n, e in enumerate(message.envelope.body)], report)
    return found, [i.rule for i in report]


class TestDocuments:
    def test_stand_inline_or_beside(self) -> None:
        body = b"<x><d>" + base64.b64encode(b"one") + b"</d><d>" + soap.included("two") + b"</d></x>"
        found = contents(*soap.related(soap.envelope("urn:x", body), [("two", b"2")]))
        assert found == ({0: b"one", 1: b"2"}, [])

    @pytest.mark.parametrize(("inside", "parts", "rules"), [
        (b"<d>%s</d>" % soap.included("b"), [], ["XOP-DANGLING"]),
        (b"<d>%s</d>" % soap.included("b") * 2, [("b", b"1")], ["XOP-TWICE"]),
        (b"<d>AAAA</d>", [("b", b"1")], ["XOP-UNUSED"]),
        (b"<d/>", [], ["XDSB-DOCUMENT-BASE64"]), (b"<d>&lt;</d>", [], ["XDSB-DOCUMENT-BASE64"]),
        (b"<d><e/></d>", [], ["XDSB-DOCUMENT-BASE64"]), (b"<d>AAA</d>", [], ["XDSB-DOCUMENT-BASE64"]),
        (b"<d>x%s</d>" % soap.included("b"), [("b", b"1")], ["XDSB-DOCUMENT-BASE64", "XOP-UNUSED"]),
    ])  # fmt: skip
    def test_that_do_not_fit_are_named(self, inside: bytes, parts: list[tuple[str, bytes]], rules: list[str]) -> None:
        assert contents(*soap.related(soap.envelope("urn:x", b"<x>%s</x>" % inside), parts))[1] == rules

    def test_that_are_beside_nothing_are_dangling(self) -> None:
        data = soap.envelope("urn:x", b"<x><d>%s</d></x>" % soap.included("b"))
        assert contents(data, soap.SOAP_XML) == ({}, ["XOP-DANGLING"])

    def test_of_an_unknown_encoding_are_named(self) -> None:
        body = soap.envelope("urn:x", b"<x><d>%s</d></x>" % soap.included("b"))
        assert contents(*soap.related(body, [("b", b"1")], encoding="gzip")) == ({}, ["MIME-ENCODING"])

    def test_of_a_root_that_cannot_be_decoded_are_a_fault(self) -> None:
        data, kind = soap.related(soap.envelope("urn:x", "<x/>"), [])
        fault = fault_of(data.replace(b"Encoding: binary", b"Encoding: base64", 1), kind)
        assert [i.rule for i in fault.issues] == ["MIME-ENCODING"]


class TestAnswers:
    @given(st.lists(st.binary(max_size=80), max_size=3))
    def test_are_read_back(self, documents: list[bytes]) -> None:
        attachments = [Attachment(f"d{n}@x", "text/xml", data) for n, data in enumerate(documents)]
        whole = envelope("urn:y", "urn:m", etree.Element("a"))
        message = read_message(*related(whole, attachments))
        assert message.envelope.action == "urn:y"
        assert message.related is not None
        assert [message.related.content(p, Report()) for p in message.related.others.values()] == documents
        assert read_message(*plain(whole)).envelope.body.tag == "a"

    def test_of_faults_say_reason_and_rule(self) -> None:
        fault = SoapFault("Sender", [issue("SOAP-ENVELOPE", "/")], subcode="wsa:X", relates_to="urn:m")
        root = etree.fromstring(fault_envelope(fault, "en"))
        assert root.findtext(".//s:Code/s:Value", None, soap.NS) == "soap:Sender"
        assert root.findtext(".//wsa:RelatesTo", None, soap.NS) == "urn:m"
        [note] = root.iter(f"{{{soap.NS['note']}}}issue")
        assert (note.get("rule"), note.get("location")) == ("SOAP-ENVELOPE", "/")
        assert note.text == root.findtext(".//s:Text[2]", None, soap.NS)
