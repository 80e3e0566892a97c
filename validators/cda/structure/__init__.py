"""The content model of CDA R2 as tables: order, cardinality, attributes and data types of every element.

An XML Schema is made of the tables in memory and run by libxml2. This room knows HL7's model and the extensions the
CI-SIS uses; it knows no national rule.
"""

from __future__ import annotations

from validators.cda.structure._run import check_content_model
from validators.cda.structure._schema import schema, schema_documents

__all__ = ["check_content_model", "schema", "schema_documents"]
