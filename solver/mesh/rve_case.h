/// @file
/// The `rve:` part of a case's `mesh:` section. Private to the mesh layer.
#pragma once

#include "mesh/rve.h"

extern const LhTable lh_rve_table, lh_rve_islands_table, lh_rve_li3n_table, lh_rve_cnt_table;
/// Fills `spec`; volume fractions that the section leaves out come from `fractions` (NULL: they must be given). What is
/// wrong is a diagnostic.
PetscErrorCode LhRveRead(const LhReader *reader, LhNode section, const LhRveFractions *fractions,
                         LhRveSpec *spec);
