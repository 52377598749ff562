/** Running commands. */
import * as v from 'valibot'
import { method, notice } from './define.ts'
import { account, base64, count, integer, nothing, path, text } from './scalar.ts'

const argument = text(256 * 1024)

/** KVM Manager's: waits for the end; no shell. Output is text, invalid UTF-8 replaced. */
export const execCommand = method(
  'exec_command',
  v.object({
    command: v.pipe(argument, v.minLength(1)),
    args: v.optional(v.array(argument), []),
    /** Whole seconds; then the command's process group is killed and the request fails with `timeout`. */
    timeout_seconds: v.optional(count, 30),
    capture_output: v.optional(v.boolean(), true),
    working_directory: v.nullish(text(4095)),
  }),
  v.object({
    /** -1 when a signal ended it. */
    exit_code: integer,
    stdout: v.string(),
    stderr: v.string(),
    execution_time_ms: count,
    /** Output beyond what fits into a message was dropped. Only our agent says so. */
    truncated: v.optional(v.boolean()),
  }),
)

/** An environment variable's name; `__proto__` and its like never become one. */
const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/, 'no name of an environment variable'))

export const ExecStart = v.pipe(
  v.object({
    /** Given to `/bin/sh -c`. Either this or `args`. */
    shell: v.optional(v.pipe(argument, v.minLength(1))),
    /** The program, looked up in PATH unless it has a slash, and its arguments. */
    args: v.optional(v.pipe(v.array(argument), v.minLength(1))),
    cwd: v.optional(path),
    /** Added to the agent's own small environment. */
    env: v.optional(v.record(variable, argument), {}),
    /** Runs as this user with its groups, HOME, USER, LOGNAME and SHELL. Absent: as the agent itself. */
    user: v.optional(account),
    /** Its primary group instead of the user's own. */
    group: v.optional(account),
    /** Then the whole process group is killed. Shortened to the agent's limit. */
    timeout_seconds: v.optional(v.pipe(count, v.minValue(1), v.maxValue(86_400)), 60),
    /** Bytes passed on of each of stdout and stderr; what comes after them is read and dropped. */
    max_output_bytes: v.optional(v.pipe(count, v.minValue(1)), 1024 * 1024),
    /** True: `exec.stdin` feeds it. False: it reads an empty input. */
    stdin: v.optional(v.boolean(), false),
    /** Output bytes that may be under way, both streams together, before `exec.ack` grants more. */
    window_bytes: v.optional(v.pipe(count, v.minValue(4096), v.maxValue(4 * 1024 * 1024)), 256 * 1024),
  }),
  v.check(spec => (spec.shell === undefined) !== (spec.args === undefined), 'give either shell or args'),
)
export type ExecStart = v.InferOutput<typeof ExecStart>

/**
 * Starts a command and answers at once, always before its first `exec.output`. A program that cannot be started fails here
 * (`not found`, `permission`). The command dies with the conversation: when the host leaves, its process group is killed.
 */
export const execStart = method(
  'exec.start',
  ExecStart,
  v.object({
    /** Never used again by this agent process. */
    id: count,
    pid: count,
  }),
)

/** Answered when the bytes are on their way into the command, which is how a slow command slows the host. */
export const execStdin = method(
  'exec.stdin',
  v.object({
    id: count,
    data: v.optional(base64, ''),
    /** Closes the command's input after the data. */
    eof: v.optional(v.boolean(), false),
  }),
  nothing,
)

/** Kills the whole process group: TERM, and KILL two seconds later; or the given signal alone. `exec.end` still follows. */
export const execCancel = method(
  'exec.cancel',
  v.object({ id: count, signal: v.optional(v.pipe(count, v.minValue(1), v.maxValue(64))) }),
  nothing,
)

export const execList = method(
  'exec.list',
  nothing,
  v.object({
    commands: v.array(v.object({ id: count, pid: count, command: v.string(), running_ms: count })),
  }),
)

/** From the host: so many output bytes were consumed, as many more may come. Also accepted as a request. */
export const execAck = notice('exec.ack', v.object({ id: count, bytes: count }))

/** From the agent, in order within a stream. Never more than the window beyond what was acknowledged. */
export const execOutput = notice(
  'exec.output',
  v.object({ id: count, stream: v.picklist(['stdout', 'stderr']), data: base64 }),
)

/** From the agent, once, after the last output. */
export const execEnd = notice(
  'exec.end',
  v.object({
    id: count,
    /** Null when a signal ended it. */
    exit_code: v.nullable(integer),
    /** Without SIG or with it as the system names it, for instance `SIGKILL`; a bare number where it has no name. */
    signal: v.nullable(v.string()),
    timed_out: v.boolean(),
    cancelled: v.boolean(),
    stdout_truncated: v.boolean(),
    stderr_truncated: v.boolean(),
    /** Bytes that the command wrote, dropped ones included. */
    stdout_bytes: count,
    stderr_bytes: count,
    duration_ms: count,
  }),
)
