"""`python -m fhir_server.cli`: the same command without the console script."""

from fhir_server.cli import main

main()
