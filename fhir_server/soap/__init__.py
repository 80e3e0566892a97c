"""SOAP 1.2 over HTTP as XDS.b uses it: envelopes, MTOM parts, faults, the VIHF. Nothing here knows what is asked."""
