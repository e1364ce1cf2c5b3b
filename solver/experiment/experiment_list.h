/// @file
/// The registry of experiments: one line a kind, included by experiment_registry.c (no guard). The first is the
/// kind of a case that names none.
LH_EXPERIMENT(protocol)
LH_EXPERIMENT(tensile)
LH_EXPERIMENT(homogenise)
