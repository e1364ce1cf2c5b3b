/// @file
/// The wish for large pages where the system knows them (see pages.h).
#define _DEFAULT_SOURCE  // madvise()
#include "base/pages.h"

#include <sys/mman.h>
#include <unistd.h>

void LhPreferLargePages(void *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)memory;
  const uintptr_t first = (start + page - 1) / page * page, end = (start + bytes) / page * page;

  if (end > first) (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)bytes;
#endif
}
