/// @file
/// The shipped kinetics laws and the example's (no guard: included once for each use).
#include "../../../../solver/laws/kinetics_law_list.h"
LH_KINETICS_LAW(tafel)
