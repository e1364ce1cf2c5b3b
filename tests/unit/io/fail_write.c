/// @file
/// fail_write DIR space|limit: meets a disk without room and must end with LH_EXIT_IO and a sentence.
///
/// `space` asks for more room than any disk has; `limit` lets every rank write 60 kB a file, so that the
/// parallel write itself fails.
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "io/output_impl.h"
#include "sample_run.h"

static PetscErrorCode FailSpace(LhOutput output) {
  PetscFunctionBeginUser;
  PetscCall(LhOutputCheckSpace(output->comm, output->dir, 1e18));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FailLimit(SampleRun *run, LhOutput output) {
  const struct rlimit limit = {.rlim_cur = 60000, .rlim_max = 60000};

  PetscFunctionBeginUser;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  PetscCall(SampleRunWrite(run, output, 250));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Fail(const char dir[], const char how[]) {
  LhDiag diag;
  LhOutput output;
  SampleRun run;

  PetscFunctionBeginUser;
  PetscCall(LhDiagCreate(&diag));
  PetscCall(SampleRunCreate(&run));
  PetscCall(LhOutputCreate(run.mesh, dir, PETSC_TRUE, diag, &output));
  if (!strcmp(how, "space")) PetscCall(FailSpace(output));
  if (!strcmp(how, "limit")) PetscCall(FailLimit(&run, output));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv) {
  if (argc < 3) return LH_EXIT_INPUT;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(Fail(argv[1], argv[2]));
  PetscCall(PetscFinalize());
  return 0;
}
