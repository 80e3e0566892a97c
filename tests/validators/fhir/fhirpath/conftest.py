"""Short ways to evaluate an expression, and the small resources it is evaluated on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jiter
import pytest

from validators.fhir import Definitions
from validators.fhir.fhirpath import Environment, compile_expression

Json = dict[str, Any]
Evaluate = Callable[..., list[Any]]
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "name": [
        {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
        {"use": "usual", "given": ["Jim"]},
        {
            "use": "maiden",
            "family": "Windsor",
            "given": [None, "James"],
            "_given": [{"extension": [{"url": "http://example.org/unknown", "valueCode": "masked"}]}],
        },
    ],
    "gender": "male",
    "birthDate": "1974-12-25",
    "_birthDate": {
        "id": "b",
        "extension": [{"url": "http://example.org/time", "valueDateTime": "1974-12-25T14:35:45-05:00"}],
    },
    "deceasedBoolean": False,
    "contained": [
        {"resourceType": "Organization", "id": "o1", "name": "Clinique"},
        {"resourceType": "Practitioner", "id": "d1"},
    ],
    "managingOrganization": {"reference": "#o1"},
    "generalPractitioner": [{"reference": "Practitioner/x"}, {"reference": "#d1"}, {"display": "Dr Inconnu"}],
    "multipleBirthInteger": 2,
}
OBSERVATION: Json = jiter.from_json(
    b"""{
      "resourceType": "Observation", "status": "final", "id": "weight",
      "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]},
      "issued": "2016-03-28T10:00:00.000+02:00", "effectivePeriod": {"start": "2016-03", "end": "2016-03-28"},
      "valueQuantity": {"value": 185.50, "unit": "lbs", "system": "http://unitsofmeasure.org", "code": "[lb_av]"},
      "referenceRange": [{"low": {"value": 1.0, "unit": "mg"}, "high": {"value": 2, "unit": "mg"}}],
      "extension": [{"url": "http://example.org/age", "valueAge": {"value": 41, "code": "a"}},
                    {"url": "http://example.org/id", "valueUuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}]
    }""",
    float_mode="lossless-float",
)


@pytest.fixture(scope="session")
def evaluate(definitions: Definitions) -> Evaluate:
    """What an expression gives on a resource (default: nothing), plain."""

    def run(text: str, resource: Json | None = None, **environment: Any) -> list[Any]:
        expression = compile_expression(text, definitions)
        return expression.evaluate(resource, None, Environment(resource, now=NOW, **environment))

    return run


@pytest.fixture(scope="session")
def patient(evaluate: Evaluate) -> Evaluate:
    """What an expression gives on the example patient."""
    return lambda text, **environment: evaluate(text, PATIENT, **environment)


@pytest.fixture(scope="session")
def observation(evaluate: Evaluate) -> Evaluate:
    """What an expression gives on the example observation."""
    return lambda text, **environment: evaluate(text, OBSERVATION, **environment)
