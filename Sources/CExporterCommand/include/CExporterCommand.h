#ifndef CEXPORTERCOMMAND_H
#define CEXPORTERCOMMAND_H

#include <sys/types.h>

/* Nothing to call: linking it is enough. All threads of the process share one heap. glibc would give each a heap of its
   own, and each of those keeps what its thread once needed at most: for a program of few threads that cost no more time
   but half a megabyte to one. Small blocks come from caches of the threads all the same. */

/* Starts a program, looked up in PATH, without a shell: nothing on its standard input, none of this process' descriptors,
   signals by default, in a process group of its own. words and environment end with NULL. Gives its number and the read
   ends, which never block, of two pipes to its standard output and error; the caller closes them and waits for it.
   Returns 0 or an error number. */
int CExporterCommand_spawn(
    char *const words[], char *const environment[], int *output, int *complaints, pid_t *process);

#endif
