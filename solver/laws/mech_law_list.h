// The registry of mechanical laws: one line per law, included by mech_registry.c (no guard).
LH_MECH_LAW(hencky_elastic)
LH_MECH_LAW(j2_hencky)
