"""What resources are found by: the search parameters, the encodings of their values, and the rows of a resource.

The encodings are those of decision 0024. Whoever searches encodes what is asked with the functions of `values`.
"""

from fhir_server.fhir.indexing.parameters import Parameter, parameters_of
from fhir_server.fhir.indexing.plans import warm
from fhir_server.fhir.indexing.rows import index_rows

__all__ = ["Parameter", "index_rows", "parameters_of", "warm"]
