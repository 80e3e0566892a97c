"""The rules of Bundles and references: fullUrl, resolution, documents, messages, searches, transactions.

`BundleIndex` answers references while the resources are walked; `check_bundle` judges the Bundle once they are.
"""

from __future__ import annotations

from validators.fhir.bundle.index import BundleIndex, Entry
from validators.fhir.bundle.references import Link, check_reference
from validators.fhir.bundle.rules import check_bundle

__all__ = ["BundleIndex", "Entry", "Link", "check_bundle", "check_reference"]
