/// @file
/// Sanitizer builds only: what AddressSanitizer must know about Open MPI, linked into every executable.
///
/// Must never name libc.so.6: it matches __libc_start_call_main in every stack and would hide every
/// leak of our own (tests/sanitizers/canary.c proves that ours are seen).
#include <stddef.h>

int dlclose(void *handle);
const char *__lsan_default_suppressions(void);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/// Keeps Open MPI's plugins mapped, so that LeakSanitizer can name them in a stack.
int dlclose(void *handle) {
  (void)handle;
  return 0;
}

/// One-time allocations of Open MPI 4.1, PMIx and hwloc that live until the process ends.
const char *__lsan_default_suppressions(void) {
  return "leak:libopen-pal.so\n"
         "leak:libopen-rte.so\n"
         "leak:libmpi.so\n"
         "leak:libhwloc.so\n"
         "leak:libpmix.so\n"
         "leak:mca_\n"
         "leak:call_init\n"
         "leak:_dl_init\n"
         "leak:_dl_catch_exception\n"
         "leak:vasprintf\n";
}

/// Debian's PETSc keeps no frame pointers: only the slow unwinder sees through it to our callers.
const char *__asan_default_options(void) {
  return "detect_leaks=1:fast_unwind_on_malloc=0:strict_string_checks=1";
}

const char *__ubsan_default_options(void) {
  return "halt_on_error=1:print_stacktrace=1";
}
