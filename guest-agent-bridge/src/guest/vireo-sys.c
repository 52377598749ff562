/*
 * What the agent needs beneath JavaScript: one door to Linux's system calls, starting programs, and the few loops that
 * would be slow above (UTF-8, base64, SHA-256). `sys-linux.ts` makes `Sys` of it. Failures are negative error numbers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cutils.h"
#include "quickjs.h"

#define MAX_ARGS 6
void vireo_trim(JSRuntime *runtime);
/* The bytes of a typed array; NULL, with an exception, for anything else. They stay while the array does. */
static uint8_t *bytes_of(JSContext *ctx, JSValueConst value, size_t *length)
{
    size_t offset, size;
    JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, length, NULL);
    uint8_t *start = JS_IsException(buffer) ? NULL : JS_GetArrayBuffer(ctx, &size, buffer);
    JS_FreeValue(ctx, buffer);
    /* An empty array may have no memory at all, and a system call wants an address. */
    return start ? start + offset : NULL;
}

static void free_bytes(JSRuntime *runtime, void *opaque, void *bytes)
{
    js_free_rt(runtime, bytes);
}

/* A typed array over memory of js_malloc, which is its own from now on. */
static JSValue array_of(JSContext *ctx, uint8_t *bytes, size_t length)
{
    JSValue args[3] = { JS_NewArrayBuffer(ctx, bytes, length, free_bytes, NULL, 0), JS_UNDEFINED, JS_UNDEFINED };
    if (JS_IsException(args[0]))
        return JS_EXCEPTION;
    JSValue array = JS_NewTypedArray(ctx, 3, args, JS_TYPED_ARRAY_UINT8);
    JS_FreeValue(ctx, args[0]);
    return array;
}

/* call(number, ...up to 6 of: number, string, typed array, undefined): the system call's result or -errno. */
static JSValue sys_call(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    long values[MAX_ARGS] = { 0 }, result = 0;
    const char *strings[MAX_ARGS] = { NULL };
    int32_t number;
    int good = argc <= MAX_ARGS + 1 && JS_ToInt32(ctx, &number, argv[0]) == 0;
    for (int i = 0; i + 1 < argc && good; i++) {
        JSValueConst value = argv[i + 1];
        size_t length;
        if (JS_IsString(value)) {
            strings[i] = JS_ToCStringLen(ctx, &length, value);
            good = strings[i] != NULL;
            /* A name that ends earlier than it says would pass a check as one thing and be opened as another. */
            if (good && strlen(strings[i]) != length)
                result = -EINVAL;
            values[i] = (long)strings[i];
        } else if (JS_IsObject(value)) {
            values[i] = (long)bytes_of(ctx, value, &length);
            good = values[i] != 0;
        } else if (!JS_IsUndefined(value)) {
            int64_t wide;
            good = JS_ToInt64(ctx, &wide, value) == 0;
            values[i] = wide;
        }
    }
    if (good && result == 0) {
        result = syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]);
        if (result == -1)
            result = -errno;
    }
    for (int i = 0; i < MAX_ARGS; i++)
        JS_FreeCString(ctx, strings[i]);
    return good ? JS_NewInt64(ctx, result) : JS_EXCEPTION;
}

/* Pointers to the texts of a block, each ended by NUL, and NULL at the end. */
static char **texts_of(uint8_t *block, size_t length)
{
    size_t count = 0;
    char **list = calloc(length + 1, sizeof *list);
    for (size_t at = 0; list && at < length; at += strlen((char *)block + at) + 1)
        list[count++] = (char *)block + at;
    return list;
}

/* Closes everything above the standard descriptors but `kept`; older kernels lack close_range. */
static void close_others(int kept)
{
    if (syscall(SYS_close_range, 3, kept - 1, 0) == 0 && syscall(SYS_close_range, kept + 1, ~0U, 0) == 0)
        return;
    for (int fd = 3; fd < 65536; fd++)
        if (fd != kept)
            close(fd);
}

/* In the child: becomes the program, or gives back why not. `n`: stdin, stdout, stderr, pid not to outlive or 0, uid or -1, gid, groups. */
static int become(const char *path, char **args, char **env, const char *directory, const int32_t *n, size_t count, int report)
{
    sigset_t none;
    int fds[3];
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    for (int i = 0; i < 3; i++)
        if ((fds[i] = fcntl(n[i] >= 0 ? n[i] : open("/dev/null", i ? O_WRONLY : O_RDONLY), F_DUPFD, 10)) < 0)
            return errno;
    for (int i = 0; i < 3; i++)
        dup2(fds[i], i);
    close_others(report);
    if (n[4] >= 0 && (setgroups(count - 6, (const gid_t *)n + 6) || setgid(n[5]) || setuid(n[4])))
        return errno;
    /* After the change of user, which would undo it; and who was to be outlived may be dead by now. */
    if (n[3] && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != n[3]))
        return ESRCH;
    if (!directory || chdir(directory) == 0)
        execve(path, args, env);
    return errno;
}

/* spawn(path, args block, environment block, directory or undefined, Int32Array as for `become`): pid or -errno. */
static JSValue sys_spawn(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t size, args_size, env_size;
    int report[2] = { -1, -1 }, error = 0;
    uint8_t *args_block = bytes_of(ctx, argv[1], &args_size), *env_block = bytes_of(ctx, argv[2], &env_size);
    const int32_t *numbers = (int32_t *)bytes_of(ctx, argv[4], &size);
    if (!args_block || !env_block || !numbers || size < 6 * sizeof *numbers)
        return JS_ThrowTypeError(ctx, "spawn");
    char **args = texts_of(args_block, args_size), **env = texts_of(env_block, env_size);
    const char *path = JS_ToCString(ctx, argv[0]);
    const char *directory = JS_IsString(argv[3]) ? JS_ToCString(ctx, argv[3]) : NULL;
    pid_t pid = args && env && path && pipe2(report, O_CLOEXEC) == 0 ? fork() : -1;
    if (pid == 0) {
        /* Out of the way of the standard descriptors. */
        int status = fcntl(report[1], F_DUPFD_CLOEXEC, 20);
        error = become(path, args, env, directory, numbers, size / sizeof *numbers, status);
        _exit(write(status, &error, sizeof error) < 0 ? 126 : 127);
    }
    error = pid < 0 ? errno : 0;
    close(report[1]);
    /* Nothing comes when the program started: exec closes the pipe. */
    if (pid > 0 && read(report[0], &error, sizeof error) == sizeof error)
        syscall(SYS_wait4, pid, NULL, 0, NULL);
    close(report[0]);
    free(args), free(env);
    JS_FreeCString(ctx, path), JS_FreeCString(ctx, directory);
    return JS_NewInt32(ctx, error ? -error : pid);
}

static JSValue sys_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length, used = 0;
    const uint8_t *bytes = bytes_of(ctx, argv[0], &length), *next;
    char *copy = bytes ? js_malloc(ctx, 3 * length + 1) : NULL;
    if (!copy)
        return JS_EXCEPTION;
    for (size_t at = 0; at < length; at = next - bytes) {
        uint32_t c = bytes[at] < 0x80 ? (next = bytes + at + 1, 0) : unicode_from_utf8(bytes + at, length - at, &next);
        int good = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        if (!good)
            next = bytes + at + 1;
        memcpy(copy + used, good ? (const char *)bytes + at : "\xef\xbf\xbd", good ? next - bytes - at : 3);
        used += good ? (size_t)(next - bytes - at) : 3;
    }
    JSValue text = JS_NewStringLen(ctx, copy, used);
    js_free(ctx, copy);
    return text;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* encode(head, bytes, tail): UTF-8 of the texts, with base64 of the bytes between them. */
static JSValue sys_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t head_size, length = 0, tail_size;
    const char *head = JS_ToCStringLen(ctx, &head_size, argv[0]), *tail = JS_ToCStringLen(ctx, &tail_size, argv[2]);
    const uint8_t *b = bytes_of(ctx, argv[1], &length);
    size_t size = head_size + (length + 2) / 3 * 4 + tail_size;
    uint8_t *text = head && tail && b ? js_malloc(ctx, size + 1) : NULL, *end = text ? mempcpy(text, head, head_size) : NULL;
    for (size_t i = 0; text && i < length; i += 3, end += 4) {
        uint32_t group = b[i] << 16 | (i + 1 < length ? b[i + 1] << 8 : 0) | (i + 2 < length ? b[i + 2] : 0);
        end[0] = digits[group >> 18], end[1] = digits[group >> 12 & 63];
        end[2] = i + 1 < length ? digits[group >> 6 & 63] : '=', end[3] = i + 2 < length ? digits[group & 63] : '=';
    }
    if (text)
        memcpy(end, tail, tail_size);
    JS_FreeCString(ctx, head), JS_FreeCString(ctx, tail);
    return text ? array_of(ctx, text, size) : JS_EXCEPTION;
}

/* decode64(bytes): strict base64 becomes what it says, in its place; gives how many bytes, or -1 for what is none and stays as it is. */
static JSValue sys_decode64(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    uint8_t values[256], bad = 0, *text, *out;
    size_t length, i;
    out = text = bytes_of(ctx, argv[0], &length);
    if (!text)
        return JS_EXCEPTION;
    memset(values, 0x80, sizeof values);
    for (i = 0; i < 64; i++)
        values[(uint8_t)digits[i]] = i;
    size_t padding = length % 4 || !length ? 0 : text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
    length -= padding;
    for (i = 0; i < length; i++)
        bad |= values[text[i]];
    if ((length + padding) % 4 || bad & 0x80 || (padding && values[text[length - 1]] & ((1 << 2 * padding) - 1)))
        return JS_NewInt32(ctx, -1);
    for (i = 0; i < length; i += 4) {
        uint32_t group = values[text[i]] << 18 | values[text[i + 1]] << 12;
        group |= (i + 2 < length ? values[text[i + 2]] << 6 : 0) | (i + 3 < length ? values[text[i + 3]] : 0);
        out[0] = group >> 16, out[1] = group >> 8, out[2] = group;
        out += 3;
    }
    return JS_NewInt64(ctx, out - text - padding);
}

#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))

/* sha256(state: Uint32Array of 8, round keys: Uint32Array of 64, bytes: whole blocks of 64): FIPS 180-4, the state goes on. */
static JSValue sys_sha256(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t state_size, keys_size, length;
    uint32_t *state = (uint32_t *)bytes_of(ctx, argv[0], &state_size), w[64], s[8];
    const uint32_t *keys = (const uint32_t *)bytes_of(ctx, argv[1], &keys_size);
    const uint8_t *block = bytes_of(ctx, argv[2], &length);
    if (!state || !keys || !block || state_size != sizeof s || keys_size != sizeof w)
        return JS_ThrowTypeError(ctx, "sha256");
    for (; length >= 64; length -= 64, block += 64) {
        memcpy(s, state, sizeof s);
        for (int i = 0; i < 64; i++)
            w[i] = i < 16 ? (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3]
                          : w[i - 16] + (ROTATE(w[i - 15], 7) ^ ROTATE(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
                                (ROTATE(w[i - 2], 17) ^ ROTATE(w[i - 2], 19) ^ w[i - 2] >> 10);
        for (int i = 0; i < 64; i += 8) {
/* Names that move round by one each time, instead of values that do: eight rounds later they stand where they stood. */
#define S(name) s[(name - 'a' - j) & 7]
#pragma GCC unroll 8
            for (int j = 0; j < 8; j++) {
                S('h') += (ROTATE(S('e'), 6) ^ ROTATE(S('e'), 11) ^ ROTATE(S('e'), 25)) + w[i + j] + keys[i + j] +
                          (S('g') ^ (S('e') & (S('f') ^ S('g'))));
                S('d') += S('h');
                S('h') += (ROTATE(S('a'), 2) ^ ROTATE(S('a'), 13) ^ ROTATE(S('a'), 22)) +
                          ((S('a') & S('b')) | (S('c') & (S('a') | S('b'))));
            }
        }
        for (int i = 0; i < 8; i++)
            state[i] += s[i];
    }
    return JS_UNDEFINED;
}

/* Runs what promises wait for; a job that throws is a fault of ours and is thrown here. */
static JSValue sys_run_jobs(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int status = 1;
    while (status > 0)
        status = JS_ExecutePendingJob(JS_GetRuntime(ctx), &ctx);
    return status < 0 ? JS_Throw(ctx, JS_GetException(ctx)) : JS_UNDEFINED;
}

static JSValue sys_trim(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    vireo_trim(JS_GetRuntime(ctx));
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("call", 7, sys_call),     JS_CFUNC_DEF("spawn", 5, sys_spawn),         JS_CFUNC_DEF("encode", 3, sys_encode),
    JS_CFUNC_DEF("decode", 1, sys_decode), JS_CFUNC_DEF("decode64", 1, sys_decode64),   JS_CFUNC_DEF("sha256", 3, sys_sha256),
    JS_CFUNC_DEF("trim", 0, sys_trim),     JS_CFUNC_DEF("runJobs", 0, sys_run_jobs),
};

#define NUMBER(name) JS_PROP_INT32_DEF(#name, SYS_##name, 0)
#define FLAG(name) JS_PROP_INT32_DEF(#name, name, 0)
static const JSCFunctionListEntry numbers[] = {
    NUMBER(openat), NUMBER(close), NUMBER(read), NUMBER(write), NUMBER(pread64), NUMBER(pwrite64), NUMBER(statx),
    NUMBER(getdents64), NUMBER(readlinkat), NUMBER(mkdirat), NUMBER(symlinkat), NUMBER(unlinkat), NUMBER(renameat2),
    NUMBER(ftruncate), NUMBER(fchmod), NUMBER(fchown), NUMBER(fsync), NUMBER(statfs), NUMBER(flock), NUMBER(ioctl),
    NUMBER(fcntl), NUMBER(pipe2), NUMBER(wait4), NUMBER(kill), NUMBER(ppoll), NUMBER(signalfd4), NUMBER(rt_sigprocmask),
    NUMBER(getpid), NUMBER(geteuid), NUMBER(uname), NUMBER(clock_gettime), NUMBER(clock_settime), NUMBER(getrandom),
    NUMBER(exit_group), NUMBER(socket), NUMBER(sendto), NUMBER(recvfrom), NUMBER(prlimit64), FLAG(O_RDONLY), FLAG(O_WRONLY),
    FLAG(O_RDWR), FLAG(O_CREAT), FLAG(O_EXCL), FLAG(O_TRUNC), FLAG(O_APPEND), FLAG(O_NONBLOCK), FLAG(O_DIRECTORY),
    FLAG(O_NOFOLLOW), FLAG(O_NOCTTY), FLAG(O_CLOEXEC), FLAG(O_PATH),
};

JSValue vireo_sys(JSContext *ctx)
{
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyFunctionList(ctx, object, functions, sizeof functions / sizeof *functions);
    JS_SetPropertyFunctionList(ctx, object, numbers, sizeof numbers / sizeof *numbers);
    return object;
}
