/// @file
/// Owns the record of every value a run was given or derived, with its origin.
///
/// All texts are copied, so the record outlives the documents. Entries keep the order of reading.
/// Must never be asked for a value by the physics; it is for the echo, run.json and resolved.yaml.
#include <math.h>

#include "base/param.h"

#define NUM_TEXTS 6  // path, text, unit, origin, source, evidence

typedef struct {
  char *texts[NUM_TEXTS];
  PetscReal value;
} Item;

struct _n_LhRecord {
  Item *items;
  PetscInt size, room;
};

PetscErrorCode LhRecordCreate(LhRecord *record) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(record));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRecordDestroy(LhRecord *record) {
  PetscFunctionBeginUser;
  if (!*record) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < (*record)->size; i++) {
    for (PetscInt k = 0; k < NUM_TEXTS; k++) PetscCall(PetscFree((*record)->items[i].texts[k]));
  }
  PetscCall(PetscFree((*record)->items));
  PetscCall(PetscFree(*record));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Grow(LhRecord record) {
  PetscFunctionBeginUser;
  if (record->size < record->room) PetscFunctionReturn(PETSC_SUCCESS);
  record->room = PetscMax(2 * record->room, 64);
  PetscCall(PetscRealloc((size_t)record->room * sizeof(*record->items), &record->items));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRecordAdd(LhRecord record, const LhRecordEntry *entry) {
  const char *const texts[NUM_TEXTS] = {entry->path,   entry->text,   entry->unit,
                                        entry->origin, entry->source, entry->evidence};
  Item *item;

  PetscFunctionBeginUser;
  PetscCall(Grow(record));
  item = &record->items[record->size++];
  item->value = entry->value;
  for (PetscInt k = 0; k < NUM_TEXTS; k++) {
    item->texts[k] = NULL;
    PetscCall(PetscStrallocpy(texts[k] ? texts[k] : "", &item->texts[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRecordAddDerived(LhRecord record, const char path[], const char unit[],
                                  PetscReal value, const char how[]) {
  const LhRecordEntry entry = {
      .path = path, .text = how, .unit = unit, .value = value, .origin = "derived"};

  PetscFunctionBeginUser;
  if (record) PetscCall(LhRecordAdd(record, &entry));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRecordGetSize(LhRecord record, PetscInt *n) {
  PetscFunctionBeginUser;
  *n = record->size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRecordGetEntry(LhRecord record, PetscInt i, LhRecordEntry *entry) {
  PetscFunctionBeginUser;
  PetscCheck(i >= 0 && i < record->size, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Entry %" PetscInt_FMT " of %" PetscInt_FMT, i, record->size);
  *entry = (LhRecordEntry){.path = record->items[i].texts[0],
                           .text = record->items[i].texts[1],
                           .unit = record->items[i].texts[2],
                           .value = record->items[i].value,
                           .origin = record->items[i].texts[3],
                           .source = record->items[i].texts[4],
                           .evidence = record->items[i].texts[5]};
  PetscFunctionReturn(PETSC_SUCCESS);
}
