"""The map: regions, legal entities and their sites, as data. Every name and town is invented."""

from __future__ import annotations

from dataclasses import dataclass

from testdata.model import Region

REGIONS = (Region("11", "Île-de-France"), Region("53", "Bretagne"), Region("04", "La Réunion"))

VALFLEURY = "GHT Rives de Valfleury (fictif)"


@dataclass(frozen=True, slots=True)
class Site:
    """A geographic site: `mail` is the local domain of its MSSanté mailboxes."""

    name: str
    city: str
    mail: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A legal entity and its sites; `prefix` starts its FINESS numbers, `sector` is that of all its sites."""

    prefix: str
    department: str
    region: str
    name: str
    status: str
    sites: tuple[Site, ...]
    sector: str = "health"
    ght: str | None = None


# Third character 9 (fifth in La Réunion): a range in which no real FINESS was met.
OWNERS = (
    Owner(
        "929",
        "92",
        "11",
        "Centre hospitalier fictif de Valfleury",
        "public",
        (
            Site("CH fictif de Valfleury - site Grand-Pré", "VALFLEURY-SUR-ORBE", "ch-valfleury"),
            Site("CH fictif de Valfleury - site des Tilleuls", "LES TILLEULS-FICTIFS", "ch-valfleury"),
        ),
        ght=VALFLEURY,
    ),
    Owner(
        "939",
        "93",
        "11",
        "Centre hospitalier fictif du Pont-d'Argent",
        "public",
        (Site("CH fictif du Pont-d'Argent", "PONT-D'ARGENT", "ch-pontdargent"),),
        ght=VALFLEURY,
    ),
    Owner(
        "959",
        "95",
        "11",
        "Centre hospitalier fictif de la Haute-Lande",
        "public",
        (
            Site("CH fictif de la Haute-Lande - site principal", "HAUTE-LANDE", "ch-hautelande"),
            Site("CH fictif de la Haute-Lande - soins de suite", "BASSE-LANDE", "ch-hautelande"),
        ),
        ght=VALFLEURY,
    ),
    Owner(
        "949",
        "94",
        "11",
        "Centre hospitalier fictif de l'Île-aux-Aulnes",
        "public",
        (Site("CH fictif de l'Île-aux-Aulnes", "ÎLE-AUX-AULNES", "ch-ileauxaulnes"),),
        ght=VALFLEURY,
    ),
    Owner(
        "759",
        "75",
        "11",
        "SAS Cliniques fictives de la Rotonde",
        "private",
        (
            Site("Clinique fictive de la Rotonde", "ROTONDE-VILLE", "clinique-rotonde"),
            Site("Clinique fictive des Trois-Horloges", "TROIS-HORLOGES", "clinique-horloges"),
        ),
    ),
    Owner(
        "789",
        "78",
        "11",
        "SA Clinique fictive du Val-Mirage",
        "private",
        (Site("Clinique fictive du Val-Mirage", "VAL-MIRAGE", "clinique-valmirage"),),
    ),
    Owner(
        "759",
        "75",
        "11",
        "Fondation hospitalière fictive Aubépine",
        "ebnl",
        (
            Site("Hôpital fictif Aubépine", "AUBÉPINE-LÈS-LILAS", "hopital-aubepine"),
            Site("Hôpital fictif Aubépine - pavillon Sureau", "SUREAU-LÈS-LILAS", "hopital-aubepine"),
        ),
    ),
    Owner(
        "779",
        "77",
        "11",
        "Association fictive Les Genêts",
        "ebnl",
        (Site("EHPAD fictif Les Genêts", "GENÊTS-LE-VIEUX", "ehpad-genets"),),
        sector="esms",
    ),
    Owner(
        "359",
        "35",
        "53",
        "Centre hospitalier universitaire fictif d'Armoric",
        "public",
        (
            Site("CHU fictif d'Armoric - Hôpital de la Forêt", "ARMORIC-VILLE", "chu-armoric"),
            Site("CHU fictif d'Armoric - Hôpital du Canal", "ARMORIC-VILLE", "chu-armoric"),
            Site("CHU fictif d'Armoric - Hôpital mère-enfant", "SAINT-ARMORIC", "chu-armoric"),
        ),
    ),
    Owner(
        "299",
        "29",
        "53",
        "Centre hospitalier fictif de Port-Vermeil",
        "public",
        (
            Site("CH fictif de Port-Vermeil", "PORT-VERMEIL", "ch-portvermeil"),
            Site("CH fictif de Port-Vermeil - site des Dunes", "LES DUNES-BLEUES", "ch-portvermeil"),
        ),
    ),
    Owner(
        "569",
        "56",
        "53",
        "SAS Clinique fictive de l'Estran",
        "private",
        (Site("Clinique fictive de l'Estran", "ESTRAN-SUR-MER", "clinique-estran"),),
    ),
    Owner(
        "229",
        "22",
        "53",
        "Mutuelle fictive des Ajoncs",
        "ebnl",
        (Site("Clinique mutualiste fictive des Ajoncs", "AJONCS-D'OR", "clinique-ajoncs"),),
    ),
    Owner(
        "299",
        "29",
        "53",
        "Centre communal fictif de Roche-Claire",
        "public",
        (Site("EHPAD fictif de Roche-Claire", "ROCHE-CLAIRE", "ehpad-rocheclaire"),),
        sector="esms",
    ),
    Owner(
        "97049",
        "974",
        "04",
        "Centre hospitalier universitaire fictif du Lagon",
        "public",
        (
            Site("CHU fictif du Lagon - site Nord", "LAGON-NORD", "chu-lagon"),
            Site("CHU fictif du Lagon - site Sud", "LAGON-SUD", "chu-lagon"),
        ),
    ),
    Owner(
        "97049",
        "974",
        "04",
        "Centre hospitalier fictif des Filaos",
        "public",
        (Site("CH fictif des Filaos", "LES FILAOS-VERTS", "ch-filaos"),),
    ),
    Owner(
        "97049",
        "974",
        "04",
        "SAS Cliniques fictives du Piton",
        "private",
        (
            Site("Clinique fictive du Piton", "PITON-BLANC", "clinique-piton"),
            Site("Clinique fictive de la Ravine", "RAVINE-AUX-FLEURS", "clinique-ravine"),
        ),
    ),
)
