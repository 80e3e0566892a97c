"""The face of the engine: text in, an expression out that can be evaluated again and again."""

from __future__ import annotations

from typing import Any

from validators.fhir.definitions import Definitions
from validators.fhir.fhirpath import functions as _functions  # noqa: F401  (fills the registry)
from validators.fhir.fhirpath.code import Code
from validators.fhir.fhirpath.compiler import Compiler
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import root, system_value, to_plain
from validators.fhir.fhirpath.model import Item, Json, Model, TypeInfo, model_of
from validators.fhir.fhirpath.parser import parse
from validators.fhir.fhirpath.static import check
from validators.fhir.shapes import Shape


class Expression:
    """A compiled expression. Holds no state: one may serve many resources, each with its `Environment`."""

    __slots__ = ("_model", "_run", "_test", "_types", "text")

    def __init__(self, text: str, code: Code, model: Model) -> None:
        self.text = text
        self._run = code.run
        self._test = code.test
        self._model = model
        self._types: dict[Shape | str | None, TypeInfo | None] = {}

    def evaluate(
        self, value: object, shape: Shape | str | None, environment: Environment, sibling: Json | None = None
    ) -> list[Any]:
        """The items the expression gives for one element: JSON values as they are, dates as text, Quantity as dict.

        Args:
            value: the JSON value of the element; None for a primitive that only has a sibling, or for no input.
            shape: its shape, or the name of its type; None for a resource (its resourceType says it).
            environment: the resources around it.
            sibling: the `_name` object beside a primitive.

        Raises:
            FhirPathError: several values where one is wanted, operands of wrong types, limits passed.
        """
        return [to_plain(item) for item in self.items(value, shape, environment, sibling)]

    def items(
        self, value: object, shape: Shape | str | None, environment: Environment, sibling: Json | None = None
    ) -> list[Item]:
        """The same, with the types: nodes and System values (see `validators.fhir.fhirpath.model`)."""
        this = self._start(value, shape, environment, sibling)
        try:
            return self._run(this, environment)
        except (RecursionError, ArithmeticError) as problem:
            raise _too_much(problem) from None

    def holds(
        self, value: object, shape: Shape | str | None, environment: Environment, sibling: Json | None = None
    ) -> bool:
        """Whether an invariant is met: a single Boolean says so itself, else it is whether there is an item.

        Args and errors as `evaluate`.
        """
        this = self._start(value, shape, environment, sibling)
        try:
            if self._test is not None:
                return self._test(this, environment) is True
            items = self._run(this, environment)
        except (RecursionError, ArithmeticError) as problem:
            raise _too_much(problem) from None
        answer = system_value(items[0]) if len(items) == 1 else None
        return answer if isinstance(answer, bool) else bool(items)

    def _start(
        self, value: object, shape: Shape | str | None, environment: Environment, sibling: Json | None
    ) -> list[Item]:
        try:
            type_ = self._types[shape]
        except KeyError:
            type_ = self._types[shape] = self._type(shape)
        if type_ is not None and type(value) is dict and not type_.open:
            this: list[Item] = [(value, type_, value)]
        else:
            this = root(value, type_, self._model, sibling)
        environment.begin(this)
        return this

    def _type(self, shape: Shape | str | None) -> TypeInfo | None:
        if shape is None:
            return None
        return self._model.by_path(shape) if isinstance(shape, str) else self._model.of_shape(shape)


def _too_much(problem: Exception) -> FhirPathError:
    deep = isinstance(problem, RecursionError)
    return FhirPathError("data nested too deep" if deep else "a number too large to compute with")


def compile_expression(
    text: str, definitions: Definitions, type_name: str | None = None, *, ordered: bool = False
) -> Expression:
    """Compile an expression (FHIRPath N1, https://hl7.org/fhirpath/N1/, with the functions of FHIR R4). Not cached.

    Args:
        text: the expression.
        definitions: where types come from.
        type_name: what it will be evaluated on, `Patient` or `Patient.contact`; elements that this type cannot have are
            then an error, where that is certain.
        ordered: refuse `first()`, `[0]` and the like on `children()` and `descendants()`, which have no order.

    Raises:
        FhirPathError: syntax, unknown functions and types, a wrong number of arguments, elements that cannot be there.
    """
    tree = parse(text)
    model = model_of(definitions)
    code = Compiler(model).code(tree)
    if type_name is not None:
        check(tree, model, type_name, ordered=ordered)
    return Expression(text, code, model)
