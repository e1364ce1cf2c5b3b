/// @file
/// The registry of mechanical laws: one line per law, included by mech_registry.c (no guard).
LH_MECH_LAW(hencky_elastic)
LH_MECH_LAW(neo_hookean)
LH_MECH_LAW(j2_hencky)
LH_MECH_LAW(j2_power)
LH_MECH_LAW(j2_alloy)
LH_MECH_LAW(j2_small_strain)
LH_MECH_LAW(norton_creep)
LH_MECH_LAW(anand_porous)
LH_MECH_LAW(skeleton_gibson_ashby)
LH_MECH_LAW(skeleton_van_wyk)
LH_MECH_LAW(skeleton_table)
