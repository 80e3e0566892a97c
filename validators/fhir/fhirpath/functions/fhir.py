"""Functions that FHIR adds: extension, hasValue, resolve, memberOf, conformsTo, htmlChecks.

https://hl7.org/fhir/R4/fhirpath.html#functions
"""

from __future__ import annotations

from typing import Any

from validators.fhir.fhirpath.code import Code
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import root, single, system_value, to_plain
from validators.fhir.fhirpath.model import Item, Json, Model
from validators.fhir.fhirpath.registry import Arguments, Compiling, function, lazy, question, text
from validators.fhir.fhirpath.syntax import Call

_PROFILES = "http://hl7.org/fhir/StructureDefinition/"


@lazy("extension", 1, 1, "Extension")
def extension(compiling: Compiling, call: Call, source: Code) -> Code:
    """`extension(url)`: the extensions with this url, of elements and of primitives."""
    items_of, url_of = source.run, compiling.code(call.arguments[0]).run
    type_ = compiling.model.named("Extension")

    def run(this: list[Item], environment: Environment) -> list[Item]:
        url = text(url_of(this, environment), "extension()")
        found: list[Item] = []
        for item in items_of(this, environment):
            fields = item[2] if type(item) is tuple else None
            entries = fields.get("extension") if fields is not None else None
            if type(entries) is list:
                found += [(e, type_, e) for e in entries if type(e) is dict and e.get("url") == url and url is not None]
        return found

    return Code(run)


@question("hasValue")
def has_value(items: list[Item], _arguments: Arguments, _environment: Environment) -> bool:
    """`hasValue()`: the input is one primitive, and it has a value, not only extensions."""
    if len(items) != 1:
        return False
    item = items[0]
    return type(item) is not tuple or (item[0] is not None and item[1].primitive)


@function("getValue")
def get_value(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`getValue()`: the System value of the only primitive."""
    if len(items) != 1 or (type(items[0]) is tuple and not items[0][1].primitive):
        return []
    value = system_value(items[0])
    return [] if value is None else [value]


@lazy("resolve", 0, 0)
def resolve(compiling: Compiling, _call: Call, source: Code) -> Code:
    """`resolve()`: the resources that references, URIs and canonicals lead to; those not at hand are left out."""
    items_of, model = source.run, compiling.model

    def run(this: list[Item], environment: Environment) -> list[Item]:
        found: list[Item] = []
        for item in items_of(this, environment):
            reference = _reference(item)
            target = _target(reference, environment) if reference else None
            if target is not None:
                found += root(target, None, model)
        return found

    return Code(run)


def _reference(item: Item) -> str | None:
    value = item[0] if type(item) is tuple else item
    if type(value) is dict:
        value = value.get("reference")
    return value if type(value) is str else None


def _target(reference: str, environment: Environment) -> Json | None:
    if reference.startswith("#"):
        container = environment.root if environment.root is not None else environment.resource
        return _contained(container, reference[1:]) or _contained(environment.resource, reference[1:])
    return environment.resolve(reference) if environment.resolve is not None else None


def _contained(container: Json | None, name: str) -> Json | None:
    """`#id` in a container, `#` the container itself."""
    if container is None or not name:
        return container
    entries = container.get("contained")
    for entry in entries if type(entries) is list else ():
        if type(entry) is dict and entry.get("id") == name:
            return entry
    return None


@lazy("memberOf", 1, 1, "Boolean")
def member_of(compiling: Compiling, call: Call, source: Code) -> Code:
    """`memberOf(url)`: the code, Coding or CodeableConcept is in the value set; nothing when that cannot be told."""
    items_of, url_of, model = source.run, compiling.code(call.arguments[0]).run, compiling.model

    def test(this: list[Item], environment: Environment) -> bool | None:
        item = single(items_of(this, environment), "memberOf()")
        url = text(url_of(this, environment), "memberOf()")
        if item is None or url is None:
            return None
        value = to_plain(item)
        if environment.member_of is not None:
            return environment.member_of(value, url)
        codes = model.definitions.value_set(url)
        return None if codes is None else codes.has(value)

    return Code.of_test(test)


@lazy("conformsTo", 1, 1, "Boolean")
def conforms_to(compiling: Compiling, call: Call, source: Code) -> Code:
    """`conformsTo(url)`: the input conforms to the profile. A base type is answered by the type alone.

    Raises:
        FhirPathError: at run time, the profile is not known.
    """
    items_of, url_of, model = source.run, compiling.code(call.arguments[0]).run, compiling.model

    def test(this: list[Item], environment: Environment) -> bool | None:
        item = single(items_of(this, environment), "conformsTo()")
        url = text(url_of(this, environment), "conformsTo()")
        if item is None or url is None:
            return None
        answer = environment.conforms_to(to_plain(item), url) if environment.conforms_to is not None else None
        return _is_of(item, url, model) if answer is None else answer

    return Code.of_test(test)


def _is_of(item: Item, url: str, model: Model) -> bool:
    name = url.removeprefix(_PROFILES)
    if not url.startswith(_PROFILES) or not model.known(name):
        raise FhirPathError(f"conformsTo(): {url} is not known")
    return type(item) is tuple and name in item[1].lineage


@question("htmlChecks")
def html_checks(items: list[Item], _arguments: Arguments, environment: Environment) -> bool | None:
    """`htmlChecks()`: the XHTML keeps the rules of the narrative; true when the host does not check."""
    item = single(items, "htmlChecks()")
    if item is None:
        return None
    value: Any = item[0] if type(item) is tuple else item
    if type(value) is dict:
        value = value.get("div")
    return environment.html_check(value) if environment.html_check is not None and type(value) is str else True
