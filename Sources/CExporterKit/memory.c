#include "CExporterKit.h"

#include <malloc.h>

void CExporterKit_return_large_blocks(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 2 << 20); /* otherwise fixed at 128 KiB from here on */
#endif
}
