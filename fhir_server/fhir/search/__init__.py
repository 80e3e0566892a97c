"""Search: the parameters of a query read into criteria, a page of what meets them, written as a searchset.

`query` reads, `criteria`, `typed` and `operands` its parameters from the name down to the value; `paging` seals the
links, `includes` follows references, `summary` cuts resources down, `answer` puts it all together;
`declared` is for the CapabilityStatement. The SQL is
`fhir_server.store.search`.
"""

from fhir_server.fhir.search.answer import Asker, absolute, search_bundle
from fhir_server.fhir.search.criteria import criteria
from fhir_server.fhir.search.declared import declared
from fhir_server.fhir.search.query import COUNT, MOST, Query, parse_search

__all__ = ["COUNT", "MOST", "Asker", "Query", "absolute", "criteria", "declared", "parse_search", "search_bundle"]
