"""The fixed names of SOAP 1.2, WS-Addressing, WS-Security, XOP and SAML."""

from __future__ import annotations

from typing import Final

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
WSA: Final = "http://www.w3.org/2005/08/addressing"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
XOP: Final = "http://www.w3.org/2004/08/xop/include"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"

ANONYMOUS: Final = f"{WSA}/anonymous"
FAULT_ACTION: Final = f"{WSA}/fault"
SOAP_FAULT_ACTION: Final = f"{WSA}/soap/fault"
ROLES: Final = ("", f"{SOAP}/role/next", f"{SOAP}/role/ultimateReceiver")
"""The roles in which a header block is meant for us."""

SOAP_XML: Final = "application/soap+xml"
XOP_XML: Final = "application/xop+xml"
RELATED: Final = "multipart/related"
