#include "CExporterCommand.h"

#include <stdlib.h> /* says whether this is glibc */

#if defined(__GLIBC__)
#include <malloc.h>

/* Before the first thread: one that has its own heap already keeps it. */
__attribute__((constructor)) static void share_heap(void) { mallopt(M_ARENA_MAX, 1); }
#endif
