"""Use of the core services of the common framework: which ones an establishment used in the half-year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from indicators.measures.counting import ACCEPTED, in_period, narrowed, without
from indicators.measures.declared import cells, declared_evidence
from indicators.measures.model import EVIDENCE, Facts, Grain, MeasureInfo, Scope, Window, shaped

if TYPE_CHECKING:
    import ibis

SERVICES = ("MSSANTE", "DMP", "DP", "DCC", "PACS", "ROR", "ORIENTATION", "ANRCP", "TELEMEDECINE")
"""The nine services of the core (CC-R02)."""
SEEN = ("DCC", "DMP", "MSSANTE", "TELEMEDECINE")
"""Services whose use this server sees; of the others it takes the declaration."""
_KINDS = {"DCC": "FRCP", "TELEMEDECINE": "TLM-CR"}
_ROW = {"organization": "string", "month": "int32", "part": "string", "numerator": "int64", "denominator": "int64"}


@dataclass(frozen=True, slots=True)
class ServiceMeasure:
    """An establishment and a service, which is the part: used (1) or not (0), over declared in scope (1).

    A declaration is named `I-CC-2:SERVICE`, with 1 or 0 as numerator (used) and denominator (in scope).
    """

    info: MeasureInfo

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Services with at least one transaction in the period."""
        import ibis

        rows = _used(facts, window, grain)
        said = cells(facts.declared, [self._indicator(name) for name in SERVICES], window, grain, stock=True)
        said = said.mutate(part=said.indicator.substr(len(self.info.id) + 1))
        own = ~said.part.isin(SEEN) & (said.numerator > 0)
        said = said.mutate(
            numerator=ibis.cases((own.fill_null(False), 1), else_=0),
            denominator=ibis.cases((said.denominator > 0, 1), (said.denominator == 0, 0), else_=ibis.null("int64")),
        )
        both = reduce(lambda left, right: left.union(right), [*rows, shaped(said, _ROW)])
        return both.group_by(*grain.keys, "part").agg(
            numerator=both.numerator.max(), denominator=both.denominator.max()
        )

    def _indicator(self, service: str) -> str:
        return f"{self.info.id}:{service}"

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """The first transaction of each service that was used, and the declarations of the period."""
        import ibis

        found = []
        for name in SEEN:
            rows = narrowed(_transactions(facts, window, name), scope)
            first = ibis.window(group_by="organization", order_by=[rows.day, rows.key])
            rows = rows.mutate(place=ibis.row_number().over(first)).filter(lambda t: t.place == 0)
            unit = {"message" if name == "MSSANTE" else "document": rows.key}
            found.append(
                shaped(rows.mutate(**unit, counted=ibis.literal(True), reason=ibis.literal("COUNTED")), EVIDENCE)
            )
        unseen = [self._indicator(name) for name in SERVICES if name not in SEEN]
        said = declared_evidence(facts, unseen, window, scope, stock=True)
        return reduce(lambda left, right: left.union(right), [*found, said])


def _used(facts: Facts, window: Window, grain: Grain) -> list[ibis.Table]:
    """For each service that is seen, the establishments that used it. Documents are read once for all of them."""
    documents = grain.of_site(_deposited(facts, window))
    proofs = {name.lower(): _proof(documents, name).any() for name in SEEN if name != "MSSANTE"}
    filed = documents.group_by(*grain.keys).agg(**proofs)
    posted = grain.of_site(_transactions(facts, window, "MSSANTE")).select(*grain.keys).distinct()
    return [_row(posted if name == "MSSANTE" else filed.filter(filed[name.lower()]), name) for name in SEEN]


def _row(establishments: ibis.Table, service: str) -> ibis.Table:
    import ibis

    return shaped(establishments.mutate(part=ibis.literal(service), numerator=ibis.literal(1, "int64")), _ROW)


def _deposited(facts: Facts, window: Window) -> ibis.Table:
    documents = without(facts.documents, window, ACCEPTED)
    return documents.filter(in_period(documents.deposited, window))


def _proof(documents: ibis.Table, service: str) -> ibis.Value:
    return documents.kind == _KINDS[service] if service in _KINDS else documents.dmp


def _transactions(facts: Facts, window: Window, service: str) -> ibis.Table:
    """The rows that prove the use of a service: organization, legal entity, month, day, key."""
    columns = ("organization", "legal_entity", "month")
    if service == "MSSANTE":
        messages = facts.messages
        messages = messages.filter(
            messages.delivered, messages.organization.notnull(), in_period(messages.sent, window)
        )
        return messages.select(*columns, day=messages.sent, key=messages.message)
    documents = _deposited(facts, window)
    documents = documents.filter(_proof(documents, service))
    return documents.select(*columns, day=documents.deposited, key=documents.document)


CC_2 = ServiceMeasure(
    MeasureInfo(
        id="I-CC-2",
        title_fr="Services du socle utilisés par l'établissement",
        title_en="Core services used by the establishment",
        definition_fr=(
            "Services du socle commun utilisés par l'établissement dans la période (au moins une transaction) ; "
            "rapportés aux services pour lesquels il est déclaré dans le périmètre. MSSanté, DMP, DCC (fiches RCP) et "
            "télémédecine sont lus des messages et documents reçus ; les autres sont déclarés. La somme sur les "
            "établissements d'une région donne l'indicateur régional de chaque service."
        ),
        definition_en=(
            "Core services the establishment used in the period (at least one transaction); over the services it is "
            "declared in scope of. MSSanté, DMP, DCC (cancer meeting reports) and telemedicine are read from messages "
            "and documents received; the others are declared. Added over the establishments of a region, it is the "
            "regional indicator of each service."
        ),
        unit="service",
        kind="ratio",
        source="Common framework of e-health projects, SG/DSSIS/2016/147, part III.1",
        subject="Organization",
        key="geographic FINESS and service code",
        attributed_by="documents.deposited, messages.sent; declared.organization",
        excluded="documents not conformant, deleted, late; messages not delivered",
        convention="one transaction is use; image references have no document kind here, so PACS is declared",
        part="service code",
    )
)

DECLARABLE = tuple(f"{CC_2.info.id}:{name}" for name in SERVICES)
"""What may be declared of each service."""
