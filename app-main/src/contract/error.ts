/** Every failure that may cross a surface. Errors travel as data: Electron keeps only the message of a thrown one. */
import { z } from 'zod'

const base = {
  /** What happened and why, one English sentence without a trailing stack. */
  message: z.string(),
  /** What to do next. */
  hint: z.string().optional(),
}

/** Why a connection to a daemon cannot be used. */
export const ConnectionTrouble = z.enum([
  'not-installed',
  'not-running',
  'no-permission',
  'not-responding',
  'lost',
  'unsupported-driver',
  'protocol',
])
export type ConnectionTrouble = z.infer<typeof ConnectionTrouble>

export const AppError = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('invalid-input'), ...base, issues: z.array(z.string()).optional() }),
  z.object({ kind: z.literal('not-found'), ...base }),
  z.object({ kind: z.literal('ambiguous'), ...base, candidates: z.array(z.string()) }),
  /** The thing is in a state in which this cannot be done. */
  z.object({ kind: z.literal('precondition'), ...base }),
  z.object({ kind: z.literal('unsupported'), ...base }),
  z.object({
    kind: z.literal('permission'),
    ...base,
    /** polkit action, for instance `org.libvirt.unix.manage`. */
    action: z.string().optional(),
    /** Shell commands that would mend it, shown before anything is run. */
    fix: z.array(z.string()).optional(),
  }),
  z.object({ kind: z.literal('connection'), ...base, trouble: ConnectionTrouble, fix: z.array(z.string()).optional() }),
  /** An exclusive console or channel is in use; `holder` says by whom. `takeOver: true` forces it. */
  z.object({ kind: z.literal('busy'), ...base, holder: z.string() }),
  /** The other side of an SSH connection is not who it was before. */
  z.object({ kind: z.literal('host-key'), ...base }),
  z.object({ kind: z.literal('timeout'), ...base }),
  z.object({ kind: z.literal('cancelled'), ...base }),
  z.object({ kind: z.literal('refused'), ...base }),
  z.object({ kind: z.literal('libvirt'), ...base, code: z.number().int(), domain: z.number().int() }),
  z.object({ kind: z.literal('internal'), ...base }),
])
export type AppError = z.infer<typeof AppError>

export { RemoteError } from './remote-error.ts'

/** The envelope of every answer. */
export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: AppError }
