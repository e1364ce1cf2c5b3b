/// @file
/// Reads the section of a damage law.
#include "laws/damage_law.h"
#include "laws/material_read.h"

PetscErrorCode LhDamageLawRead(const LhReader *reader, LhNode map, LhNode parent, const char path[],
                               const LhDamageLaw **law, void **params) {
  const LhLawSection section = {
      .family = LH_LAW_DAMAGE, .map = map, .parent = parent, .path = path};
  const void *found;

  PetscFunctionBeginUser;
  PetscCall(LhLawRead(reader, &section, &found, params));
  *law = found;
  PetscFunctionReturn(PETSC_SUCCESS);
}
