/// @file
/// Owns fields.hdf.series, the list of saved states that gives ParaView its time axis.
///
/// One state a line, so that a resumed run reads its own index without a JSON parser. Must never list a
/// step file that is not complete.
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "io/output_impl.h"

#define INDEX_FILE "fields.hdf.series"

static PetscErrorCode Remember(LhOutput output, const LhSavedState *state) {
  PetscFunctionBeginUser;
  if (output->num_states == output->max_states) {
    LhSavedState *larger;
    output->max_states = PetscMax(64, 2 * output->max_states);
    PetscCall(PetscMalloc1(output->max_states, &larger));
    PetscCall(PetscArraycpy(larger, output->states, output->num_states));
    PetscCall(PetscFree(output->states));
    output->states = larger;
  }
  output->states[output->num_states++] = *state;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A state without a label (NaN) has the null that JSON knows.
static void WriteState(LhOutput output, FILE *stream, const LhSavedState *state,
                       const char comma[]) {
  char time[32], label[32] = "null";
  LhRealFormat((double)state->time, time);
  if (isfinite((double)state->state)) LhRealFormat((double)state->state, label);
  LhLineWrite(output, stream, INDEX_FILE, "    {\"name\": \"%s\", \"time\": %s, \"state\": %s}%s\n",
              state->name, time, label, comma);
}

PetscErrorCode LhSavedStatesWrite(LhOutput output) {
  char path[PETSC_MAX_PATH_LEN];
  LhAtomic atomic = NULL;
  FILE *stream = NULL;
  PetscErrorCode failure;

  PetscFunctionBeginUser;
  PetscCall(LhOutputPath(output, INDEX_FILE, path));
  PetscCall(LhQuietBegin());
  failure = LhAtomicOpen(path, &atomic, &stream);
  if (!failure) {
    LhLineWrite(output, stream, INDEX_FILE,
                "{\n  \"file-series-version\": \"1.0\",\n  \"files\": [\n");
    for (PetscInt i = 0; i < output->num_states; i++) {
      WriteState(output, stream, &output->states[i], i + 1 < output->num_states ? "," : "");
    }
    LhLineWrite(output, stream, INDEX_FILE, "  ]\n}\n");
    failure = LhAtomicCommit(&atomic);
  }
  PetscCall(LhQuietEnd(output->comm, path, failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputFields(LhOutput output, PetscReal time, PetscReal state, PetscInt n,
                              const LhOutputField fields[]) {
  LhSavedState saved = {.time = time, .state = state};

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(saved.name, sizeof(saved.name), "fields/f_%06" PetscInt_FMT ".hdf",
                          output->next_number));
  PetscCall(LhVtkStepWrite(output, &saved, n, fields));
  output->next_number++;
  PetscCall(Remember(output, &saved));
  if (output->rank == 0) PetscCall(LhSavedStatesWrite(output));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Takes one line of the index; false for its other lines.
static int ParseState(const char line[], LhSavedState *state) {
  double time, share = NAN;
  if (sscanf(line, " { \"name\" : \"%31[^\"]\" , \"time\" : %lf , \"state\" : %lf", state->name,
             &time, &share) < 2) {
    return 0;
  }
  state->time = time;
  state->state = share;
  return !strncmp(state->name, "fields/f_", 9);
}

static void DropState(LhOutput output, const LhSavedState *state) {
  char path[PETSC_MAX_PATH_LEN + 64];
  snprintf(path, sizeof(path), "%s/%s", output->dir, state->name);
  unlink(path);
}

static PetscErrorCode ReadIndex(LhOutput output, const LhOutputMark *mark) {
  char path[PETSC_MAX_PATH_LEN], line[512];
  LhSavedState state;

  PetscFunctionBeginUser;
  PetscCall(LhOutputPath(output, INDEX_FILE, path));
  FILE *stream = fopen(path, "r");
  if (!stream) PetscFunctionReturn(PETSC_SUCCESS);  // the run had saved no state yet
  while (fgets(line, sizeof(line), stream)) {
    if (!ParseState(line, &state)) continue;
    if (state.time <= mark->time && output->num_states < mark->num_states) {
      PetscCall(Remember(output, &state));
    } else {
      DropState(output, &state);
    }
  }
  fclose(stream);
  PetscCall(LhSavedStatesWrite(output));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSavedStatesRead(LhOutput output, const LhOutputMark *mark) {
  long long number = -1;

  PetscFunctionBeginUser;
  if (output->rank == 0) PetscCall(ReadIndex(output, mark));
  PetscCallMPI(MPI_Bcast(&output->num_states, 1, MPIU_INT, 0, output->comm));
  if (output->rank != 0) {
    output->max_states = output->num_states;
    PetscCall(PetscMalloc1(output->max_states, &output->states));
  }
  PetscCallMPI(MPI_Bcast(output->states, (PetscMPIInt)(output->num_states * sizeof(LhSavedState)),
                         MPI_BYTE, 0, output->comm));
  if (output->num_states > 0) {
    sscanf(output->states[output->num_states - 1].name, "fields/f_%lld", &number);
  }
  output->next_number = (PetscInt)(number + 1);
  PetscFunctionReturn(PETSC_SUCCESS);
}
