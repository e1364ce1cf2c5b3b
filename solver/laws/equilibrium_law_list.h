/// @file
/// The registry of equilibrium laws: one line per law, included twice by equilibrium_registry.c (no guard).
LH_EQUILIBRIUM_LAW(metal)
LH_EQUILIBRIUM_LAW(staircase)
