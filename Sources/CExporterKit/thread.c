#include "CExporterKit.h"

#include <stdatomic.h>

_Thread_local uint32_t CExporterKit_thread = 0;
static _Atomic uint32_t last;

uint32_t CExporterKit_number_thread(void) {
    if (CExporterKit_thread == 0) CExporterKit_thread = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
    return CExporterKit_thread;
}
