#include "CExporterKit.h"

#include <malloc.h>
#include <sys/mman.h>

void CExporterKit_return_large_blocks(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 2 << 20); /* otherwise fixed at 128 KiB from here on */
#endif
}

void CExporterKit_use_large_pages(void *block, size_t size) {
    const uintptr_t page = 2 << 20;
    uintptr_t first = ((uintptr_t)block + page - 1) & ~(page - 1), end = ((uintptr_t)block + size) & ~(page - 1);
    if (first < end) madvise((void *)first, end - first, MADV_HUGEPAGE);
}
