/** Files: read in pieces, written so that a reader sees the old file or the new one and nothing between. */
import * as v from 'valibot'
import { method } from './define.ts'
import { account, base64, count, epochMs, mode, nothing, path, sha256, token } from './scalar.ts'

const encoding = v.optional(v.string(), 'utf8')

/** KVM Manager's: the whole file in one answer. `base64` is real here. Any other encoding than `utf8` and `base64` is refused. */
export const fileReadWhole = method(
  'file_read',
  v.object({ path: v.string(), encoding }),
  v.object({ content: v.string(), size_bytes: count, encoding: v.string() }),
)

/** KVM Manager's: the whole file in one request, replaced atomically. */
export const fileWriteWhole = method(
  'file_write',
  v.object({
    path: v.string(),
    content: v.string(),
    encoding,
    create_dirs: v.optional(v.boolean(), false),
    /** Octal digits. Absent: `0644` for a new file, an existing one keeps its own. */
    permissions: v.nullish(v.pipe(v.string(), v.regex(/^[0-7]{1,4}$/, 'no octal permissions'))),
  }),
  v.object({ bytes_written: count, path: v.string() }),
)

export const Entry = v.object({
  /** Last component. Holds any character but `/` and NUL; bytes that are no UTF-8 show as U+FFFD. */
  name: v.string(),
  type: v.picklist(['file', 'directory', 'link', 'other']),
  size_bytes: count,
  mode,
  uid: count,
  gid: count,
  /** Null when `/etc/passwd` has no name for the number. */
  owner: v.nullable(v.string()),
  group: v.nullable(v.string()),
  modified_at_ms: epochMs,
  /** Of a link, as it is stored. */
  link_target: v.nullable(v.string()),
})
export type Entry = v.InferOutput<typeof Entry>

/** Metadata of the thing itself, or with `follow` of what a link leads to. */
export const fileStat = method(
  'file.stat',
  v.object({ path, follow: v.optional(v.boolean(), false) }),
  v.object({ entry: Entry, path: v.string() }),
)

/** A piece of a regular file. Anything else (device, FIFO, socket, directory) is refused before it is opened for reading. */
export const fileRead = method(
  'file.read',
  v.object({
    path,
    offset: v.optional(count, 0),
    /** Cut to the agent's `max_chunk_bytes`. Absent: that. */
    length: v.optional(v.pipe(count, v.minValue(1))),
  }),
  v.object({
    data: base64,
    /** Bytes in `data`. */
    bytes: count,
    /** The file ends after these bytes. */
    eof: v.boolean(),
    /** Of the whole file now; with `modified_at_ms` tells whether it changed between two pieces. */
    size_bytes: count,
    modified_at_ms: epochMs,
    mode,
  }),
)

/** SHA-256 of a file's content, computed in slices so that other requests go on. */
export const fileChecksum = method('file.checksum', v.object({ path }), v.object({ sha256, size_bytes: count }))

/**
 * Begins to write a file. The bytes go to a temporary file in the same directory, which `file.write.commit` renames.
 * The access rules are asked before anything is created.
 */
export const fileWriteBegin = method(
  'file.write.begin',
  v.object({
    path,
    /** Known size: checked against the limits and the free space before the first byte, and at the commit. */
    size_bytes: v.optional(count),
    /** Absent: an existing file keeps its own, a new one gets 0644. */
    mode: v.optional(mode),
    /** Absent: an existing file keeps its own. */
    owner: v.optional(account),
    group: v.optional(account),
    /** Makes missing directories (0755). They stay when the upload is aborted. */
    create_parents: v.optional(v.boolean(), false),
    /** False: fails with `precondition` when the file exists, now or at the commit. */
    overwrite: v.optional(v.boolean(), true),
    /** Goes on with an upload to the same path that was neither committed nor aborted, also one from before the agent restarted. */
    resume: v.optional(token),
    /** Names the upload as the host likes, in place of the agent: goes on with the one of this name, or begins it. Not together with `resume`. */
    key: v.optional(token),
  }),
  v.object({
    upload: token,
    /** Where the next chunk begins: 0, or what a resumed upload has. */
    offset: count,
    max_chunk_bytes: count,
  }),
)

/**
 * The next bytes. `offset` may lie before the end (a chunk sent twice: it is written again), never behind it: then `precondition` with
 * data `{ offset }`. When the disk is full: `failed` with data `{ reason: 'no-space' }`, and the upload stays where it was.
 */
export const fileWriteChunk = method(
  'file.write.chunk',
  v.object({ upload: token, offset: count, data: base64 }),
  v.object({ offset: count }),
)

/** Flushes to disk, checks, sets owner and mode, renames over the target and flushes the directory. On failure the old file stays and the upload is gone. */
export const fileWriteCommit = method(
  'file.write.commit',
  v.object({
    upload: token,
    /** What the host sent; another content fails with `precondition` and data `{ sha256 }`. */
    sha256: v.optional(sha256),
  }),
  v.object({ path: v.string(), bytes_written: count }),
)

/** Removes the temporary file. The target was never touched. */
export const fileWriteAbort = method('file.write.abort', v.object({ upload: token }), nothing)

/** Removes a file, a link itself, or a directory; `recursive` for one that is not empty. Never crosses into another filesystem. */
export const fileRemove = method(
  'file.remove',
  v.object({ path, recursive: v.optional(v.boolean(), false) }),
  v.object({ removed: count }),
)

/** Entries in the order of their names' code points. Two pages never lose an entry that stood there all the time. */
export const directoryList = method(
  'directory.list',
  v.object({
    path,
    /** Name after which the page begins: the former page's `next`. */
    after: v.optional(v.string()),
    limit: v.optional(v.pipe(count, v.minValue(1), v.maxValue(2000)), 500),
  }),
  v.object({
    /** The directory after links were resolved. */
    path: v.string(),
    entries: v.array(Entry),
    /** Null on the last page. */
    next: v.nullable(v.string()),
    /** Entries in the whole directory. */
    total: count,
  }),
)

/** With `parents`, one that exists already is a success; without, a `precondition`. */
export const directoryCreate = method(
  'directory.create',
  v.object({ path, parents: v.optional(v.boolean(), false), mode: v.optional(mode, 0o755) }),
  v.object({ path: v.string(), created: v.boolean() }),
)
