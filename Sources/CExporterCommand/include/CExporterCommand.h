#ifndef CEXPORTERCOMMAND_H
#define CEXPORTERCOMMAND_H

/* Nothing to call: linking it is enough. All threads of the process share one heap. glibc would give each a heap of its
   own, and each of those keeps what its thread once needed at most: for a program of few threads that cost no more time
   but half a megabyte to one. Small blocks come from caches of the threads all the same. */

#endif
