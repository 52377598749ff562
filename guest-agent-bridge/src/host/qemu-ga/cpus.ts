/** The guest's processors: which it uses, and letting it use others. */
import { RemoteError, type GuestCpu } from '@vireo/app-main/contract'
import type { Asking, CpuChange } from '../guest-agent.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

/** Taking a processor out of use waits for what runs there. */
const SECONDS = 30

export const cpus = async (talk: Talk, { signal }: Asking): Promise<GuestCpu[]> => {
  const told = await talk.ask('guest-get-vcpus', schema.vcpus, { signal })
  return told
    .map(one => ({ id: one['logical-id'], online: one.online, canOffline: one['can-offline'] ?? null }))
    .toSorted((a, b) => a.id - b.id)
}

/** What qemu-ga would find out in the middle is found out before, so that nothing is half done. */
const check = (known: readonly GuestCpu[], changes: readonly CpuChange[]): void => {
  const wanted = new Map(changes.map(({ id, online }) => [id, online]))
  for (const { id, online } of changes) {
    const cpu = known.find(one => one.id === id)
    if (!cpu) throw new RemoteError({ kind: 'not-found', message: `The guest has no processor ${id}.` })
    if (!online && cpu.canOffline === false)
      throw new RemoteError({ kind: 'precondition', message: `The guest cannot do without processor ${id}.` })
  }
  if (!known.some(({ id, online }) => wanted.get(id) ?? online))
    throw new RemoteError({ kind: 'precondition', message: 'A guest needs a processor.' })
}

/** qemu-ga stops at the first one that fails, and tells why only when that is the first one of a question. */
export const setCpus = async (talk: Talk, changes: readonly CpuChange[], asking: Asking): Promise<void> => {
  check(await cpus(talk, asking), changes)
  for (let done = 0; done < changes.length;) {
    const rest = changes.slice(done)
    const vcpus = rest.map(({ id, online }) => ({ 'logical-id': id, online }))
    const options = { args: { vcpus }, seconds: SECONDS, signal: asking.signal }
    const count = await talk.ask('guest-set-vcpus', schema.number, options)
    if (count < 1 || count > rest.length)
      throw new RemoteError({ kind: 'refused', message: 'The guest does not say which processors it changed.' })
    done += count
  }
}
