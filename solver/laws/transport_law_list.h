/// @file
/// The registry of transport laws: one line per law, included twice by transport_registry.c (no guard).
LH_TRANSPORT_LAW(constant)
LH_TRANSPORT_LAW(dilute)
LH_TRANSPORT_LAW(landesfeind2019)
LH_TRANSPORT_LAW(nyman2008)
LH_TRANSPORT_LAW(valoen2005)
