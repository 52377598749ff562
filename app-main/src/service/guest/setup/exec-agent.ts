/** Setting up through a way that needs no agent: whatever runs commands can also take files. */
import { RemoteError, type DomainId, type ExecMethod, type ExecSpec } from '../../../contract/index.ts'
import { shellFailure, type Asking, type WriteFile } from '@vireo/guest-agent-bridge/host'
import type { ExecWay, ExecWays, WayWish } from '../exec-methods.ts'
import type { SetupAgent } from './setup-target.ts'

/** A file of some megabytes through an emulated guest's SSH. */
const WRITE_SECONDS = 600
const MAX_SAID = 64 * 1024

/** `$1` file, `$2` mode, `$3` whether folders above it are made, `$4` its length if known. It stands under its name whole or not at all. */
const WRITE = `
umask 077
part="$1.vireo-part"
trap 'rm -f "$part"' EXIT
trap 'exit 1' TERM INT HUP
[ "$3" != 1 ] || mkdir -p "$(dirname "$1")" || exit 1
cat >"$part" || exit 1
size=$(wc -c <"$part" | tr -d ' ')
if [ -n "$4" ] && [ "$size" != "$4" ]; then echo "$size of $4 bytes arrived" >&2; exit 1; fi
chmod "$2" "$part" && mv -f "$part" "$1" && echo "$size"
`

const TRY: ExecSpec = { args: ['true'], env: {}, timeoutSeconds: 60, maxOutputBytes: 1024 }

/** The first of these ways that is open. Rejects with what the first of them says when none is. */
export const execAgent = async (
  ways: ExecWays,
  methods: readonly ExecMethod[],
  id: DomainId,
  asking: Asking,
): Promise<SetupAgent> => {
  const wish = { automatic: methods.length > 1 }
  let first: unknown
  for (const method of methods) {
    try {
      const { release } = await ways[method].open(id, TRY, asking, wish)
      release()
      return agentOf(ways[method], id, { method, wish })
    } catch (error) {
      if (!(error instanceof RemoteError) || asking.signal.aborted) throw error
      first ??= error
    }
  }
  throw first ?? new RemoteError({ kind: 'unsupported', message: 'There is no way into the machine.' })
}

const agentOf = (
  way: ExecWay,
  id: DomainId,
  { method, wish }: { readonly method: ExecMethod; readonly wish: WayWish },
): SetupAgent => {
  const exec: SetupAgent['exec'] = async (spec, input, asking) => {
    // Who logs in over SSH may be anybody; only root sets up agents.
    const wanted = method === 'ssh' && spec.user === undefined ? { ...spec, user: 'root' } : spec
    const { run, release } = await way.open(id, wanted, asking, wish)
    try {
      return await run(wanted, input, asking)
    } finally {
      release()
    }
  }
  return {
    dialect: null,
    exec,
    writeFile: (file, asking) => write(exec, file, asking),
    close: () => undefined,
  }
}

const write = async (
  exec: SetupAgent['exec'],
  { path, content, mode = 0o644, createParents = false, size }: WriteFile,
  asking: Asking,
): Promise<number> => {
  const said: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] }
  const args = ['/bin/sh', '-c', WRITE, 'sh', path, mode.toString(8), createParents ? '1' : '0', String(size ?? '')]
  const spec: ExecSpec = { args, env: {}, timeoutSeconds: WRITE_SECONDS, maxOutputBytes: MAX_SAID }
  const onOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void said[stream].push(Uint8Array.from(bytes))
  const end = await exec(spec, { stdin: content, onOutput }, asking)
  const [stdout, stderr] = [said.stdout, said.stderr].map(parts => Buffer.concat(parts).toString('utf8'))
  if (end.exitCode !== 0) throw shellFailure({ code: end.exitCode, stdout: stdout ?? '', stderr: stderr ?? '' })
  return Number(/^\s*(\d{1,15})\s*$/.exec(stdout ?? '')?.[1] ?? -1)
}
