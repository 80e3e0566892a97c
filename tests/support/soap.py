"""A raw XDS.b client: SOAP written as text, multipart/related written byte by byte, answers read with lxml."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx
from lxml import etree

from fhir_server.intake.xdm_build import archive_of
from fhir_server.settings import Settings
from testdata import Stay
from tests.support.archives import METADATA, members
from tests.support.faces import Face

PROVIDE = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
RETRIEVE = "urn:ihe:iti:2007:RetrieveDocumentSet"
QUERY = "urn:ihe:iti:2007:RegistryStoredQuery"
FIND = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
GET = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope", "wsa": "http://www.w3.org/2005/08/addressing",
    "ihe": "urn:ihe:iti:xds-b:2007", "rs": "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0", "query": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0",
    "xop": "http://www.w3.org/2004/08/xop/include", "note": "https://segur-fhir.example/soap",
}  # fmt: skip
SOAP_XML = "application/soap+xml; charset=utf-8"
BOUNDARY = "uuid:f2bf4b2e-6a3d"
REPOSITORY: str = Settings.model_fields["repository_id"].default


def envelope(action: str, body: bytes | str, *, header: str = "", message_id: str | None = None) -> bytes:
    """A SOAP 1.2 envelope with its addressing; `header` is put before it as it is."""
    inside = body if isinstance(body, bytes) else body.encode()
    number = message_id or f"urn:uuid:{uuid.uuid4()}"
    head = (
        f'<s:Envelope xmlns:s="{NS["s"]}" xmlns:a="{NS["wsa"]}"><s:Header>{header}'
        f'<a:Action s:mustUnderstand="1">{action}</a:Action><a:MessageID>{number}</a:MessageID>'
        f"<a:ReplyTo><a:Address>{NS['wsa']}/anonymous</a:Address></a:ReplyTo>"
        f'<a:To s:mustUnderstand="1">http://localhost/xds</a:To></s:Header><s:Body>'
    )
    return head.encode() + inside + b"</s:Body></s:Envelope>"


def metadata_of(*documents: bytes) -> bytes:
    """The SubmitObjectsRequest of CDA documents, without its XML declaration."""
    text = members(archive_of(documents))[METADATA]
    return text.partition(b"?>")[2].strip()


def entry_ids(metadata: bytes) -> list[str]:
    """The ids of its document entries, in order."""
    return [str(e.get("id")) for e in etree.fromstring(metadata).iter(f"{{{NS['rim']}}}ExtrinsicObject")]


def provide_body(metadata: bytes, documents: Mapping[str, bytes]) -> bytes:
    """A Provide and Register request; what stands in each Document is given as it is to be written."""
    listed = b"".join(
        b'<Document id="%s">%s</Document>' % (name.encode(), content) for name, content in documents.items()
    )
    space = NS["ihe"].encode()
    return b'<ProvideAndRegisterDocumentSetRequest xmlns="%s">%s%s</ProvideAndRegisterDocumentSetRequest>' % (
        space, metadata, listed,
    )  # fmt: skip


def included(content_id: str) -> bytes:
    """An xop:Include."""
    return f'<xop:Include xmlns:xop="{NS["xop"]}" href="cid:{content_id}"/>'.encode()


def related(root: bytes, parts: Sequence[tuple[str, bytes]], *, encoding: str = "binary") -> tuple[bytes, str]:
    """A multipart/related body of a root and parts by Content-ID, and its Content-Type."""
    found = [_part('application/xop+xml; charset=UTF-8; type="application/soap+xml"', "root@client", "binary", root)]
    found += [_part("text/xml", name, encoding, data) for name, data in parts]
    whole = b"".join(b"--%s\r\n%s\r\n" % (BOUNDARY.encode(), part) for part in found) + b"--%s--" % BOUNDARY.encode()
    kind = (
        f'multipart/related; boundary="{BOUNDARY}"; type="application/xop+xml"; start="<root@client>"; '
        f'start-info="application/soap+xml"'
    )
    return whole, kind


def _part(kind: str, name: str, encoding: str, data: bytes) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\nContent-ID: <{name}>\r\n\r\n"
    return head.encode() + data


def mtom(*documents: bytes, header: str = "", metadata: bytes | None = None) -> tuple[bytes, str]:
    """An ITI-41 message with its documents beside the envelope."""
    written = metadata if metadata is not None else metadata_of(*documents)
    names = entry_ids(written)
    ids = {name: f"doc{number}@client" for number, name in enumerate(names, 1)}
    body = provide_body(written, {name: included(content_id) for name, content_id in ids.items()})
    return related(envelope(PROVIDE, body, header=header), list(zip(ids.values(), documents, strict=True)))


def inline(*documents: bytes, header: str = "", metadata: bytes | None = None) -> tuple[bytes, str]:
    """An ITI-41 message with its documents in base64 inside the envelope."""
    written = metadata if metadata is not None else metadata_of(*documents)
    encoded = (base64.b64encode(document) for document in documents)
    return envelope(PROVIDE, provide_body(written, dict(zip(entry_ids(written), encoded, strict=True))),
                    header=header), SOAP_XML  # fmt: skip


def query_body(query: str, slots: Sequence[tuple[str, str]], returned: str = "LeafClass") -> str:
    """An AdhocQueryRequest; a slot's value is written as it is."""
    listed = "".join(
        f'<rim:Slot name="{name}"><rim:ValueList><rim:Value>{value.replace("&", "&amp;")}</rim:Value></rim:ValueList>'
        "</rim:Slot>" for name, value in slots
    )  # fmt: skip
    return (
        f'<q:AdhocQueryRequest xmlns:q="{NS["query"]}" xmlns:rim="{NS["rim"]}">'
        f'<q:ResponseOption returnComposedObjects="true" returnType="{returned}"/>'
        f'<rim:AdhocQuery id="{query}">{listed}</rim:AdhocQuery></q:AdhocQueryRequest>'
    )


def retrieve_body(repository: str, *uniques: str) -> str:
    """A RetrieveDocumentSetRequest."""
    listed = "".join(
        f"<DocumentRequest><RepositoryUniqueId>{repository}</RepositoryUniqueId>"
        f"<DocumentUniqueId>{unique}</DocumentUniqueId></DocumentRequest>" for unique in uniques
    )  # fmt: skip
    return f'<RetrieveDocumentSetRequest xmlns="{NS["ihe"]}">{listed}</RetrieveDocumentSetRequest>'


@dataclass(frozen=True, slots=True)
class SoapAnswer:
    """An answer opened: its envelope, and the parts beside it by Content-ID."""

    http: httpx.Response
    root: etree._Element
    parts: Mapping[str, bytes]

    @property
    def body(self) -> etree._Element:
        """What the envelope carries."""
        return self.root.find("s:Body", NS)[0]  # type: ignore[index]

    def text(self, path: str) -> str:
        """The text at a path."""
        return self.root.findtext(path, "", NS)

    @property
    def status(self) -> str:
        """The last step of the registry status: Success, PartialSuccess, Failure."""
        response = next(e for e in self.body.iter() if e.get("status"))
        return str(response.get("status")).rpartition(":")[2]

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """Code, rule and severity of each RegistryError."""
        return [
            (str(e.get("errorCode")), str(e.get("codeContext")).partition(":")[0],
             str(e.get("severity")).rpartition(":")[2])
            for e in self.body.iter(f"{{{NS['rs']}}}RegistryError")
        ]  # fmt: skip

    @property
    def places(self) -> list[str | None]:
        """The location of each RegistryError."""
        return [e.get("location") for e in self.body.iter(f"{{{NS['rs']}}}RegistryError")]

    @property
    def fault(self) -> tuple[str, str, list[str]]:
        """Code, subcode and rules of a fault."""
        rules = [str(e.get("rule")) for e in self.body.iter(f"{{{NS['note']}}}issue")]
        value = self.text(".//s:Code/s:Value"), self.text(".//s:Subcode/s:Value")
        return value[0].partition(":")[2], value[1], rules

    def entries(self) -> list[etree._Element]:
        """The ExtrinsicObjects of a query's answer."""
        return list(self.body.iter(f"{{{NS['rim']}}}ExtrinsicObject"))

    def unique_ids(self) -> list[str]:
        """Their unique ids."""
        scheme = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
        return [str(i.get("value")) for e in self.entries() for i in e.iter(f"{{{NS['rim']}}}ExternalIdentifier")
                if i.get("identificationScheme") == scheme]  # fmt: skip

    def documents(self) -> dict[str, bytes]:
        """The documents of a retrieval by unique id."""
        found = {}
        for response in self.body.iter(f"{{{NS['ihe']}}}DocumentResponse"):
            href = response.find("ihe:Document/xop:Include", NS).get("href")  # type: ignore[union-attr]
            unique = response.findtext("ihe:DocumentUniqueId", "", NS)
            found[unique] = self.parts[str(href).removeprefix("cid:")]
        return found


def opened(answer: httpx.Response) -> SoapAnswer:
    """Read an answer, with the standard library's MIME parser where it has parts."""
    kind = answer.headers["content-type"]
    if kind.startswith("application/soap+xml"):
        return SoapAnswer(answer, etree.fromstring(answer.content), {})
    assert kind.startswith("multipart/related"), (answer.status_code, kind, answer.text[:300])
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + answer.content)
    found = {str(p["Content-ID"]).strip("<>"): p.get_payload(decode=True) for p in message.iter_parts()}
    root, *others = found
    return SoapAnswer(answer, etree.fromstring(found[root]), {name: found[name] for name in others})


def post(face: Face, path: str, message: tuple[bytes, str], **headers: str) -> SoapAnswer:
    """Send a message."""
    body, kind = message
    return opened(face.http.post(path, content=body, headers={"Content-Type": kind, **headers}))


def provide(face: Face, message: tuple[bytes, str], **headers: str) -> SoapAnswer:
    """ITI-41."""
    return post(face, "/xds/repository", message, **headers)


def ask(face: Face, query: str, *slots: tuple[str, str], returned: str = "LeafClass", **headers: str) -> SoapAnswer:
    """ITI-18."""
    body = envelope(QUERY, query_body(query, slots, returned))
    return post(face, "/xds/registry", (body, SOAP_XML), **headers)


def retrieve(face: Face, repository: str, *uniques: str) -> SoapAnswer:
    """ITI-43."""
    return post(face, "/xds/repository", (envelope(RETRIEVE, retrieve_body(repository, *uniques)), SOAP_XML))


def patient(stay: Stay) -> tuple[str, str]:
    """The slot of a FindDocuments that names the patient."""
    return "$XDSDocumentEntryPatientId", f"'{stay.patient.matricule}^^^&{stay.patient.oid}&ISO'"


def status(*states: str) -> tuple[str, str]:
    """The slot of a FindDocuments that names the states."""
    return "$XDSDocumentEntryStatus", "(" + ",".join(f"'{state}'" for state in states or (APPROVED,)) + ")"
