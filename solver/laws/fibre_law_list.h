/// @file
/// The registry of fibre laws: one line per law, included by fibre_registry.c (no guard).
LH_FIBRE_LAW(bond_slip)
LH_FIBRE_LAW(elastic_truss)
LH_FIBRE_LAW(kelly_tyson)
