"""Whether a code is a UCUM unit: the case-sensitive syntax and the atoms (https://ucum.org/ucum, sections 2 to 10).

Every atom is known here, with what is needed to recognise it and no more; what units are worth is `fhirpath.units`'
matter, for those that health data convert.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

SYSTEM: Final = "http://unitsofmeasure.org"

_PREFIX_NAMES: Final = "Y Z E P T G M k h da d c m u n p f a z y Ki Mi Gi Ti"
_METRIC_NAMES: Final = """
    m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc
    [c] [h] [k] [eps_0] [mu_0] [e] [m_e] [m_p] [G] [g] [ly] gf Ky Gal dyn erg P Bi St Mx G Oe Gb sb Lmb ph Ci R RAD REM
    cal_[15] cal_[20] cal_m cal_IT cal_th cal tex m[H2O] m[Hg] Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW]
    st mho eq osm g% kat U [iU] [IU] bit By Bd
"""
"""Atoms that may carry a prefix."""
_PLAIN_NAMES: Final = """
    10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] gon deg ' '' min h d a_t a_j a_g a wk mo_s mo_j mo_g mo AU
    [in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [cft_i] [cyd_i] [bf_i] [cr_i]
    [mil_i] [cml_i] [hd_i] [ft_us] [yd_us] [in_us] [rd_us] [ch_us] [lk_us] [rch_us] [rlk_us] [fth_us] [fur_us] [mi_us]
    [acr_us] [srd_us] [smi_us] [sct] [twp] [mil_us] [in_br] [ft_br] [rd_br] [ch_br] [lk_br] [fth_br] [pc_br] [yd_br]
    [mi_br] [nmi_br] [kn_br] [acr_br] [gal_us] [bbl_us] [qt_us] [pt_us] [gil_us] [foz_us] [fdr_us] [min_us] [crd_us]
    [bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us] [tsp_us] [cup_us] [foz_m] [cup_m] [tsp_m] [tbs_m] [gal_br]
    [pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br] [fdr_br] [min_br] [gr] [lb_av] [oz_av] [dr_av] [scwt_av]
    [lcwt_av] [ston_av] [lton_av] [stone_av] [pwt_tr] [oz_tr] [lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m] [lne]
    [pnt] [pca] [pnt_pr] [pca_pr] [pied] [pouce] [ligne] [didot] [cicero] [degF] [degR] [degRe]
    [Cal] [Btu_39] [Btu_59] [Btu_60] [Btu_m] [Btu_IT] [Btu_th] [Btu] [HP] [den] [in_i'Hg] [in_i'H2O] [PRU] [wood'U]
    [diop] [p'diop] %[slope] [mesh_i] [Ch] [drp] [hnsf'U] [MET] [hp'_X] [hp'_C] [hp'_M] [hp'_Q]
    [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [kp_C] [kp_M] [kp_Q] [pH] [S] [HPF] [LPF] [psi] [lbf_av] [car_m] [car_Au]
    [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U]
    [mclg'U] [tb'U] [CCID_50] [TCID_50] [EID_50] [PFU] [FFU] [CFU] [IR] [BAU] [AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U]
    [FEU] [ELU] [EU] [NTU] [FNU] Ao b att atm [smoot] [m/s2/Hz^0.5] bit_s circ sph
"""
_PREFIXES: Final = frozenset(_PREFIX_NAMES.split())
_METRIC: Final = frozenset(_METRIC_NAMES.split())
_PLAIN: Final = frozenset(_PLAIN_NAMES.split())

_NOTE: Final = r"\{[ -z|~]*\}"
_TOKEN: Final = re.compile(
    rf"(?P<atom>10[*^]|(?:[A-Za-z%'_]|\[[^\[\]]*\])+)(?:[+-]?[0-9]+)?(?:{_NOTE})?"
    rf"|(?P<number>[0-9]+(?:{_NOTE})?|{_NOTE})"
    rf"|(?P<sign>[./(]|\)(?:{_NOTE})?)"
)


@lru_cache(maxsize=2048)
def is_unit(code: str) -> bool:
    """Whether a code is a UCUM unit, letter case counting: `mm[Hg]`, `10*3/uL`, `{score}`, `mg/(24.h)`.

    An annotation is printable ASCII without braces. It may follow a number or a bracket too (`/100{WBC}`,
    `g/(8.h){shift}`): the grammar of section 2 has no such place, UCUM's own tables of common units do.
    """
    at, depth, complete = 0, 0, False
    while at < len(code):
        token = _TOKEN.match(code, at)
        if token is None:
            return False
        sign = token["sign"]
        if sign == "." or sign == "/":
            if not complete and (sign == "." or at):
                return False
            complete = False
        elif sign is not None and sign[0] == ")":
            depth -= 1
            if not complete or depth < 0:
                return False
        elif complete:
            return False
        elif sign == "(":
            depth += 1
        else:
            complete = token["number"] is not None or _is_atom(token["atom"])
            if not complete:
                return False
        at = token.end()
    return complete and depth == 0


def _is_atom(name: str) -> bool:
    """A unit of the tables, or a metric one with a prefix."""
    if name in _METRIC or name in _PLAIN:
        return True
    return any(name[:size] in _PREFIXES and name[size:] in _METRIC for size in (1, 2))
