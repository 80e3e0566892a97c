"""The RESTful interactions of FHIR R4 on resources that are no documents: planned in a worker, made by the writer."""
