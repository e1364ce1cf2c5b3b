/// @file
/// The table of a study: one row per combination of the axes, failed cases too.
///
/// Inputs come first, with the unit the study file uses, then the observables of every case in the unit
/// observables.json gives, then run time, state and reason. table.csv is for people, table.h5 for programs: one dataset a
/// column in the groups input, observable and status, with unit and meaning.
#pragma once

#include "study/store.h"

/// Writes table.csv and table.h5 from what the disk says now.
PetscErrorCode LhStudyTableWrite(LhStudy study);
