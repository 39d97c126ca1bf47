#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdint.h>

/// Blocks that this program took from the heap since it began, in all threads: malloc, calloc, realloc and the aligned ones.
uint64_t CAllocations_count(void);

#endif
