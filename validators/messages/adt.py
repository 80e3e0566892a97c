"""Rules of admissions that arrive as HL7 v2 messages (ADT)."""

from __future__ import annotations

from validators.messages._row import error, information, warning
from validators.report import Rule

_V2 = "HL7 v2.5, chapitre 2"
_ADT = "HL7 v2.5, chapitre 3 (ADT)"
_IHE = "IHE PAM et son extension française"
_POLICY = "Politique, Identity"

RULES: tuple[Rule, ...] = (
    error("ADT-PARSE", "structure",
          "Message HL7 v2 illisible. Attendu : des segments en ER7, dont le premier est MSH.",
          "Unreadable HL7 v2 message. Expected: segments in ER7, of which MSH is the first.", _V2),
    error("ADT-LIMIT", "too-long",
          "Message trop grand : {found}. Limite : {limit}.",
          "Message too large: {found}. Limit: {limit}.", "Limite de ce serveur"),
    error("ADT-ENCODING", "value",
          "Le message n'est pas dans le jeu de caractères annoncé ({found}). Attendus : ASCII, 8859/1, 8859/15, UNICODE UTF-8.",
          "The message is not in the character set it announces ({found}). Expected: ASCII, 8859/1, 8859/15, UNICODE UTF-8.", f"{_V2}, MSH-18"),
    error("ADT-TYPE", "not-supported",
          "Type de message non pris en charge. Attendu : ADT.",
          "Message type not supported. Expected: ADT.", f"{_V2}, MSH-9"),
    error("ADT-EVENT", "not-supported",
          "Événement non pris en charge. Attendu : l'un de {expected}.",
          "Event not supported. Expected: one of {expected}.", _ADT),
    warning("ADT-VERSION", "value",
            "Version autre que 2.5 : le message est lu comme s'il était en 2.5.",
            "Version other than 2.5: the message is read as if it were 2.5.", f"{_V2}, MSH-12"),
    error("ADT-PROCESSING", "value",
          "Message qui n'est pas de production (MSH-11). Attendu en production : P.",
          "Message that is not for production (MSH-11). Expected in production: P.", f"{_V2}, MSH-11"),
    error("ADT-REQUIRED", "required",
          "Absent : {field}.", "Missing: {field}.", _IHE),
    error("ADT-TIME", "value",
          "Date illisible. Attendu : AAAAMMJJ[HHMM[SS]][+ZZZZ].",
          "Unreadable date. Expected: YYYYMMDD[HHMM[SS]][+ZZZZ].", f"{_V2}, DTM"),
    warning("ADT-AUTHORITY", "value",
            "Identifiant sans OID d'autorité : il n'est rapproché d'aucun identifiant des documents.",
            "Identifier without the OID of its authority: it meets no identifier of the documents.", _IHE),
    error("ADT-MERGE-INS", "business-rule",
          "Deux identités ayant chacune son INS ne sont pas fusionnées. Attendu : le même INS, ou un NIA et le NIR qui le suit.",
          "Two identities with an INS each are not merged. Expected: the same INS, or a NIA and the NIR that follows it.", _POLICY),
    warning("ADT-MERGE-NOTHING", "business-rule",
            "Rien à rapprocher : les deux identités n'en font déjà qu'une.",
            "Nothing to link: the two identities are one already.", _POLICY),
    information("ADT-LATE", "informational",
                "Message plus ancien que ce que l'on sait déjà de ce séjour : il n'y change rien.",
                "Message older than what is known of this stay: it changes nothing there.", "Contrat, faits, stays"),
    information("ADT-CLASS", "informational",
                "Venue qui n'est pas une hospitalisation : elle n'entre dans aucune population.",
                "A visit that is no admission to hospital: it is in no population.", "Contrat, faits, stays"),
)  # fmt: skip
