/* Starts the engine with just what the agent uses, and runs the agent: a script that `qjsc` compiled into this program. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "quickjs.h"

extern const uint8_t vireo_agent[];
extern const uint32_t vireo_agent_size;
extern char **environ;
JSValue vireo_sys(JSContext *ctx);
void vireo_trim(JSRuntime *runtime);

/* More than this is a fault, in us or in what we were sent: a request fails then, not the machine we run in. */
#define MEMORY_LIMIT (96 << 20)

/* Bigger blocks are mappings of their own, which leave nothing behind. A usual message is smaller: mapping costs time. */
#define MAPPED_BYTES (256 << 10)

static JSValue new_list(JSContext *ctx, char **texts)
{
    JSValue list = JS_NewArray(ctx);
    for (uint32_t i = 0; texts[i]; i++)
        JS_SetPropertyUint32(ctx, list, i, JS_NewString(ctx, texts[i]));
    return list;
}

static JSContext *new_context(JSRuntime *runtime)
{
    JSContext *ctx = JS_NewContextRaw(runtime);
    JS_AddIntrinsicBaseObjects(ctx);
    JS_AddIntrinsicDate(ctx);
    JS_AddIntrinsicRegExpCompiler(ctx);
    JS_AddIntrinsicRegExp(ctx);
    JS_AddIntrinsicJSON(ctx);
    JS_AddIntrinsicMapSet(ctx);
    JS_AddIntrinsicTypedArrays(ctx);
    JS_AddIntrinsicPromise(ctx);
    return ctx;
}

/* Gives back memory that big messages needed, and what only the beginning did (most of the engine, and the program, of which it has its
 * own copy): that is read-only, and whatever is wanted after all comes back from the file. */
void vireo_trim(JSRuntime *runtime)
{
    JS_RunGC(runtime);
    malloc_trim(0);
    extern const char __executable_start[], etext[];
    uintptr_t page = sysconf(_SC_PAGESIZE), program = (uintptr_t)vireo_agent;
    uintptr_t from[] = { (uintptr_t)__executable_start, (program + page - 1) & -page };
    uintptr_t to[] = { (uintptr_t)etext & -page, (program + vireo_agent_size) & -page };
    for (int i = 0; i < 2; i++)
        if (to[i] > from[i])
            madvise((void *)from[i], to[i] - from[i], MADV_DONTNEED);
}

/* The C library hoards small blocks that were freed, and with them the pages they lie in. Only its environment can tell it not to, and only
 * before it starts: so it starts again. */
static void start_without_hoard(char **argv)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0 || setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 0))
        return;
    path[length] = 0;
    execv(path, argv);
}

int main(int argc, char **argv)
{
    if (!getenv("GLIBC_TUNABLES"))
        start_without_hoard(argv);
    /* Left to itself, the C library stops giving big blocks back to the system after the first one was freed. */
    mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    JSRuntime *runtime = JS_NewRuntime();
    JS_SetMemoryLimit(runtime, MEMORY_LIMIT);
    JSContext *ctx = new_context(runtime);
    JSValue global = JS_GetGlobalObject(ctx), sys = vireo_sys(ctx);
    JS_SetPropertyStr(ctx, sys, "args", new_list(ctx, argv));
    JS_SetPropertyStr(ctx, sys, "environment", new_list(ctx, environ));
    JS_SetPropertyStr(ctx, global, "vireoSys", sys);
    signal(SIGPIPE, SIG_IGN);
    JSValue program = JS_ReadObject(ctx, vireo_agent, vireo_agent_size, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(JS_EvalFunction(ctx, program))) {
        JSValue error = JS_GetException(ctx);
        dprintf(2, "vireo-agent: %s\n", JS_ToCString(ctx, error));
        dprintf(2, "%s", JS_ToCString(ctx, JS_GetPropertyStr(ctx, error, "stack")));
        return 70;
    }
    return 0;
}
