"""The rules on the body of a CDA document, as tables: one module a family, one row a rule.

`check_body` runs them; a new rule is a row here, and a valid and an invalid fragment in the tests.
"""

from __future__ import annotations

from validators.cda.rules._body import check_body

__all__ = ["check_body"]
