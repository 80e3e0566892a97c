"""Rules of the relay and of the stand-in: what passes on, and what a receiver's stand-in answers."""

from __future__ import annotations

from validators.messages._row import error, information
from validators.report import Rule

_RELAY = "Relais : docs/how-to/relay.md"
_STANDIN = "Doublure du DMP : docs/how-to/relay.md"

RULES: tuple[Rule, ...] = (
    information("RELAY-PASSED", "informational",
                "Soumission non conforme : elle n'est pas comptée, et elle est transmise telle quelle ({routes}).",
                "The submission does not conform: it is not counted, and it is passed on as it is ({routes}).", _RELAY),
    error("RELAY-STATE", "conflict",
          "Cette transmission a changé d'état entre-temps. La relire avant de la relancer.",
          "This transmission has changed its state meanwhile. Read it again before sending it again.", _RELAY),
    error("STANDIN-CLOSED", "business-rule",
          "Doublure du DMP : ce DMP est fermé.", "Stand-in of the DMP: this DMP is closed.", _STANDIN),
    error("STANDIN-AUTHOR", "forbidden",
          "Doublure du DMP : cet auteur n'y est pas autorisé.",
          "Stand-in of the DMP: this author is not allowed here.", _STANDIN),
    error("STANDIN-DUPLICATE", "duplicate",
          "Doublure du DMP : cet identifiant unique y est déjà.",
          "Stand-in of the DMP: this unique id is here already.", _STANDIN),
)  # fmt: skip
