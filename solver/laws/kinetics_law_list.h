/// @file
/// The registry of kinetics laws: one line per law, included twice by kinetics_registry.c (no guard).
LH_KINETICS_LAW(butler_volmer)
LH_KINETICS_LAW(linear)
