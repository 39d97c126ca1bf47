#ifndef CEXPORTERKIT_H
#define CEXPORTERKIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the shortest digits that read back to the same finite double, as std::to_chars does: "d.ddde+dd".
   buffer has room for 32 bytes. Returns the number of bytes written. */
size_t CExporterKit_shortest_scientific(double value, char *buffer);

/* Number of the calling thread: 1, 2, 3, …; two living threads never have the same, and that of one that ended is given
   again, so numbers stay small and what a thread owned by its number passes to its successor.
   0 on a thread that has not asked yet; CExporterKit_number_thread gives it one. */
extern _Thread_local uint32_t CExporterKit_thread __attribute__((tls_model("initial-exec")));
static inline uint32_t CExporterKit_thread_number(void) { return CExporterKit_thread; }
uint32_t CExporterKit_number_thread(void);

/* From now on a block of 1 MiB and more goes back to the kernel when it is freed. glibc begins so, but the first such block that
   is freed moves its limit up to that size, and from then on each of its arenas keeps the largest bodies it ever held. */
void CExporterKit_return_large_blocks(void);

/* Asks for pages of 2 MiB where the block has room for them: they cost the kernel a fraction of as many small ones. */
void CExporterKit_use_large_pages(void *block, size_t size);

/* Begins to fetch what lies there, which need not be readable. */
static inline void CExporterKit_prefetch(const void *address) { __builtin_prefetch(address); }

#ifdef __cplusplus
}
#endif

#endif
