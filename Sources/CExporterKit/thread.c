#include "CExporterKit.h"

#include <pthread.h>
#include <stdlib.h>

_Thread_local uint32_t CExporterKit_thread = 0;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static uint32_t last;
static uint32_t *returned; /* numbers of threads that ended */
static size_t count, capacity;

static void give_back(void *number) {
    CExporterKit_thread = 0;
    pthread_mutex_lock(&lock);
    if (count == capacity) {
        size_t larger = capacity ? capacity * 2 : 16;
        uint32_t *memory = realloc(returned, larger * sizeof *returned);
        if (memory) {
            returned = memory;
            capacity = larger;
        }
    }
    /* Without memory the number is lost, which costs nothing but the number. */
    if (count < capacity) returned[count++] = (uint32_t)(uintptr_t)number;
    pthread_mutex_unlock(&lock);
}

/* Small numbers stay dense, so that few threads share a cell that is chosen by the last bits. */
static uint32_t take_smallest(void) {
    size_t smallest = 0;
    for (size_t i = 1; i < count; i++)
        if (returned[i] < returned[smallest]) smallest = i;
    uint32_t number = returned[smallest];
    returned[smallest] = returned[--count];
    return number;
}

static void make_key(void) { pthread_key_create(&key, give_back); }

uint32_t CExporterKit_number_thread(void) {
    if (CExporterKit_thread != 0) return CExporterKit_thread;
    pthread_once(&once, make_key);
    pthread_mutex_lock(&lock);
    CExporterKit_thread = count > 0 ? take_smallest() : ++last;
    pthread_mutex_unlock(&lock);
    pthread_setspecific(key, (void *)(uintptr_t)CExporterKit_thread);
    return CExporterKit_thread;
}
