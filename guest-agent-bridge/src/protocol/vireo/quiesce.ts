/** A moment in which all filesystems rest, for a snapshot that needs no repair. */
import * as v from 'valibot'
import { method } from './define.ts'
import { count, epochMs, integer, nothing, path, token } from './scalar.ts'

const FrozenFilesystem = v.object({ mount_point: v.string(), device: v.string(), fs_type: v.string() })

/** One script of `pre-freeze.d` or `post-thaw.d`. */
const Hook = v.object({
  name: v.string(),
  /** Null when it was killed for taking too long. */
  exit_code: v.nullable(integer),
  /** The first 1,000 characters of what it wrote. */
  output: v.string(),
})

/**
 * Runs the pre-freeze hooks, then freezes the given or all writable disk filesystems, nested ones first. All or nothing: when a hook or a
 * filesystem fails, what was frozen is thawed, the post-thaw hooks run and the request fails.
 * A process of its own thaws after `timeout_seconds` whatever happens to the agent or the host.
 * While frozen, requests that would write answer `precondition`.
 */
export const quiesceFreeze = method(
  'quiesce.freeze',
  v.object({
    timeout_seconds: v.optional(v.pipe(count, v.minValue(1), v.maxValue(600)), 60),
    mount_points: v.optional(v.pipe(v.array(path), v.minLength(1))),
    hooks: v.optional(v.boolean(), true),
  }),
  v.object({
    /** Thaws; kept by whoever froze. */
    token,
    auto_thaw_at_ms: epochMs,
    filesystems: v.array(FrozenFilesystem),
    hooks: v.array(Hook),
  }),
)

/** Thaws and runs the post-thaw hooks. Wrong token, or nothing frozen any more (it thawed by itself: the snapshot may be torn): `precondition`. */
export const quiesceThaw = method(
  'quiesce.thaw',
  v.object({ token }),
  v.object({
    thawed: count,
    frozen_ms: count,
    hooks: v.array(Hook),
  }),
)

export const quiesceStatus = method(
  'quiesce.status',
  nothing,
  v.object({
    state: v.picklist(['thawed', 'freezing', 'frozen', 'thawing']),
    auto_thaw_at_ms: v.nullable(epochMs),
    filesystems: v.array(FrozenFilesystem),
    /** How the last frozen time ended; null when there was none since the agent started. `killed`: somebody ended the guard. */
    last_thaw: v.nullable(v.picklist(['asked', 'timeout', 'killed'])),
  }),
)
