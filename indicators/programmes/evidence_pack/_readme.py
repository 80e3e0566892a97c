"""What a pack says to whoever opens it."""

from __future__ import annotations

from indicators.programmes.decisions import DecisionRecord

_TEXT = """\
DOSSIER DE PREUVE

Décision {id}, programme {programme}, du {at}.
SHA-256 de la décision : {digest}

Ce dossier se vérifie sans base de données ni réseau :

    segur programmes evidence-pack verify DOSSIER.zip --digest {digest}

La commande recalcule la décision avec les règles de sa date et compare les octets, contrôle l'empreinte de chaque
membre, l'addition des versements, et que chaque numérateur est le nombre de ses éléments comptés. Sans la commande :
sha256sum decision.json donne l'empreinte ci-dessus, qui figure aussi au pied du courrier.

decision.json        la décision : entrées, résultat, règles, versements, éléments comptés
parameters.yaml      le jeu de paramètres signé, quand la décision en nomme un
rules.json           les règles appliquées, avec leur énoncé et leur source
figures.json         les chiffres, et les éléments qu'ils comptent
declared.json        le déclaré face au calculé
contestations.json   les documents contestés et les réponses
manifest.json        l'empreinte SHA-256 de chaque membre

Un élément compté est une clé qui n'a de sens que dans cette décision : ni identité, ni pseudonyme.


EVIDENCE PACK

Decision {id}, programme {programme}, of {at}.
SHA-256 of the decision: {digest}

This pack is checked without database or network:

    segur programmes evidence-pack verify PACK.zip --digest {digest}

The command computes the decision again with the rules of its date and compares the bytes, checks the digest of every
member, that the instalments add up, and that every numerator is the number of its counted ids. Without the command:
sha256sum decision.json gives the digest above, which also stands at the foot of the letter.

decision.json        the decision: inputs, outcome, rules, instalments, counted ids
parameters.yaml      the signed parameter set, when the decision names one
rules.json           the rules applied, with statement and source
figures.json         the figures, and the ids they count
declared.json        declared against computed
contestations.json   contested documents and the answers
manifest.json        the SHA-256 of every member

A counted id is a key that means something inside this decision only: no identity, no pseudonym.
"""


def readme(record: DecisionRecord) -> str:
    """The text of `README.txt`, French then English."""
    return _TEXT.format(id=record.id, programme=record.programme, at=record.decided_at, digest=record.digest)
