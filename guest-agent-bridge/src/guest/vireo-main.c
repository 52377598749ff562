/* Starts the engine with just what the agent uses, and runs the agent: a script that `qjsc` compiled into this program. */
#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
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

/* Of the program's file, what nobody may write: the engine, and the agent, of which the engine has its own copy. */
static const ElfW(Phdr) *read_only_part(void)
{
    const ElfW(Phdr) *part = (const void *)getauxval(AT_PHDR);
    for (unsigned long left = part ? getauxval(AT_PHNUM) : 0; left > 0; left--, part++)
        if (part->p_type == PT_LOAD && !(part->p_flags & PF_W))
            return part;
    return NULL;
}

static void advise(uintptr_t from, uintptr_t to, int advice)
{
    uintptr_t page = sysconf(_SC_PAGESIZE);
    from = (from + page - 1) & -page;
    if (to > from)
        madvise((void *)from, (to & -page) - from, advice);
}

/* What only the beginning wants becomes a mapping of its own (a dump of memory need not have it): touching what lies beside it, see
 * `vireo-layout.ld`, then never brings it in again. */
static void set_apart(void)
{
    extern const char vireo_far_start[], vireo_far_end[], vireo_rest[];
    const ElfW(Phdr) *part = read_only_part();
    advise((uintptr_t)vireo_far_start, (uintptr_t)vireo_far_end, MADV_DONTDUMP);
    if (part)
        advise((uintptr_t)vireo_rest, part->p_vaddr + part->p_memsz, MADV_DONTDUMP);
}

/* Gives back memory that big messages needed, and the program's pages: what is wanted again comes back from the file. */
void vireo_trim(JSRuntime *runtime)
{
    const ElfW(Phdr) *part = read_only_part();
    JS_RunGC(runtime);
    malloc_trim(0);
    if (part)
        advise(part->p_vaddr, part->p_vaddr + part->p_memsz, MADV_DONTNEED);
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
    set_apart();
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
