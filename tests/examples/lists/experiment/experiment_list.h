/// @file
/// The shipped experiments and the example's (no guard: included once for each use).
#include "../../../../solver/experiment/experiment_list.h"
LH_EXPERIMENT(survey)
