/// @file
/// The registry of damage laws: one line per law, included twice by damage_registry.c (no guard).
LH_DAMAGE_LAW(ductile)
LH_DAMAGE_LAW(brittle)
