"""Rules of the area `fhir_answers`: responses and reports against the form or the measure they answer.

In every sentence `{found}` is what was received, `{expected}` what the guide asks for.
"""

from __future__ import annotations

from validators.messages._row import error, warning
from validators.report import Rule

_R4 = "HL7 FHIR R4 (4.0.1)"

RULES: tuple[Rule, ...] = (
    warning(
        "FHIR-QUESTIONNAIRERESPONSE-UNKNOWN",
        "not-found",
        "Le questionnaire {found} n'est pas connu : les réponses n'ont pas été vérifiées. Le fournir.",
        "The questionnaire {found} is not known: the answers were not checked. Supply it.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-LINKID",
        "not-found",
        "La question « {found} » n'existe pas dans le questionnaire. Corriger linkId.",
        "There is no question “{found}” in the questionnaire. Correct linkId.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-PLACE",
        "structure",
        "La question « {found} » n'est pas posée à ce niveau. La déplacer où le questionnaire la pose.",
        "The question “{found}” is not asked at this level. Move it where the questionnaire asks it.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-ORDER",
        "structure",
        "La réponse à « {found} » n'est pas dans l'ordre du questionnaire. La replacer.",
        "The answer to “{found}” is not in the order of the questionnaire. Put it back in place.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-TEXT",
        "value",
        "Le texte de « {element} » est « {found} ». Attendu : « {expected} », celui du questionnaire.",
        "The text of “{element}” is “{found}”. Expected: “{expected}”, that of the questionnaire.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-MISSING",
        "required",
        "La question « {element} » a {found} réponse. Attendu : une réponse, elle est obligatoire.",
        "The question “{element}” has {found} answers. Expected: an answer, it is required.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    warning(
        "FHIR-QUESTIONNAIRERESPONSE-MISSING-DRAFT",
        "required",
        "La question obligatoire « {element} » a {found} réponse. Y répondre avant de terminer le questionnaire.",
        "The required question “{element}” has {found} answers. Answer it before the questionnaire is completed.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-REPEATS",
        "structure",
        "La question « {element} » reçoit {found} réponses. Attendu : une seule, elle ne se répète pas.",
        "The question “{element}” receives {found} answers. Expected: only one, it does not repeat.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-COUNT",
        "structure",
        "La question « {element} » reçoit {found} réponses. Attendu : {expected}.",
        "The question “{element}” receives {found} answers. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-DISABLED",
        "business-rule",
        "La question « {element} » reçoit une réponse ({found}) alors que ses conditions ne sont pas remplies. La "
        "retirer.",
        "The question “{element}” receives an answer ({found}) though its conditions are not met. Remove it.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-KIND",
        "structure",
        "« {element} » ne se répond pas (type {found}). Attendu : une question. Retirer la réponse ou changer le type.",
        "“{element}” cannot be answered (type {found}). Expected: a question. Remove the answer or change the type.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-NESTING",
        "structure",
        "« {element} » n'est pas un groupe (type {found}). Placer les éléments sous sa réponse.",
        "“{element}” is not a group (type {found}). Place the items under its answer.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-TYPE",
        "structure",
        "La réponse à « {element} » est de type {found}. Attendu : {expected}.",
        "The answer to “{element}” has type {found}. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-OPTION",
        "code-invalid",
        "La réponse à « {element} » est {found}. Attendu : l'une de {expected}.",
        "The answer to “{element}” is {found}. Expected: one of {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-EXCLUSIVE",
        "business-rule",
        "La réponse {found} à « {element} » exclut les autres. Garder l'une ou les autres.",
        "The answer {found} to “{element}” excludes the others. Keep it or the others.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-QUESTIONNAIRERESPONSE-LIMIT",
        "value",
        "La réponse à « {element} » est {found}. Attendu : {expected}.",
        "The answer to “{element}” is {found}. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaireresponse.html",
    ),
    error(
        "FHIR-MEASUREREPORT-CODE",
        "code-invalid",
        "Le code {found} ({element}) n'est pas l'un de ceux de la mesure, ou figure deux fois. Le corriger.",
        "The code {found} ({element}) is none of those of the measure, or is given twice. Correct it.",
        f"{_R4}, https://hl7.org/fhir/R4/measurereport.html",
    ),
    error(
        "FHIR-MEASUREREPORT-MISSING",
        "required",
        "« {element} » {expected} figure {found} fois. Attendu : une fois, la mesure le définit.",
        "“{element}” {expected} appears {found} times. Expected: once, the measure defines it.",
        f"{_R4}, https://hl7.org/fhir/R4/measurereport.html",
    ),
    error(
        "FHIR-MEASUREREPORT-SUBJECTS",
        "business-rule",
        "La liste des sujets ne convient pas au type de rapport {found}. Attendu : subjectResults pour subject-list "
        "seulement.",
        "The list of subjects does not fit the report type {found}. Expected: subjectResults for subject-list only.",
        f"{_R4}, https://hl7.org/fhir/R4/measurereport.html",
    ),
    error(
        "FHIR-MEASUREREPORT-SCORE",
        "business-rule",
        "« {element} » vaut {found}. Attendu : {expected}, d'après le calcul de la mesure.",
        "“{element}” is {found}. Expected: {expected}, as the scoring of the measure says.",
        f"{_R4}, https://hl7.org/fhir/R4/measurereport.html",
    ),
)
