import {
  GuestCpu,
  GuestDisk,
  GuestEntry,
  GuestFilesystem,
  GuestInterface,
  GuestProcess,
  GuestSystem,
  GuestTelemetry,
  GuestUser,
  RemoteError,
} from '@vireo/app-main/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkHarmless } from '../testing/harmless.ts'
import { COMMANDS, endWith, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }

/** Whatever the guest answers: what comes out is the contract's, or a typed failure. */
const holds = async (work: Promise<unknown>, schema: { parse(value: unknown): unknown }): Promise<void> => {
  const outcome = await work.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('value' in outcome) schema.parse(outcome.value)
  else expect(outcome.error).toBeInstanceOf(RemoteError)
  checkHarmless('value' in outcome ? outcome.value : outcome.error)
}

const anything = { parse: (value: unknown) => value }

const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-1, 1e300, 2 ** 53, 0.5))
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('/', '\u001b[2J', '<img>', '__proto__'),
)
const nearly = fc.oneof(
  fc.jsonValue(),
  fc.array(
    fc.record(
      {
        ...{ name: text, mountpoint: text, type: text, user: text, 'login-time': number, 'used-bytes': number },
        ...{
          'total-bytes': number,
          'hardware-address': text,
          online: fc.boolean(),
          'logical-id': number,
          partition: fc.boolean(),
          system: number,
          idle: number,
        },
        'ip-addresses': fc.array(fc.record({ 'ip-address': text, prefix: number })),
        stats: fc.record({ 'read-sectors': number, 'write-ios': number }, { requiredKeys: [] }),
        address: fc.record({ serial: text }),
        statistics: fc.record({ 'rx-bytes': number, 'tx-bytes': number }),
      },
      { requiredKeys: [] },
    ),
  ),
)

test('answers of any shape give what the contract allows, or a typed failure', async () => {
  await fc.assert(
    fc.asyncProperty(nearly, async answer => {
      const guest = new ScriptedQemuGa()
      const agent = await guest.connect()
      for (const command of COMMANDS) guest.on(command, () => answer)
      await holds(agent.interfaces(asking), GuestInterface.array())
      await holds(agent.filesystems(asking), GuestFilesystem.array())
      await holds(agent.users(asking), GuestUser.array())
      await holds(agent.disks(asking), GuestDisk.array())
      await holds(agent.cpus(asking), GuestCpu.array())
      await holds(agent.setCpus([{ id: 1, online: false }], asking), anything)
      await holds(agent.sshKeys('root', asking), anything)
      await holds(agent.trim(asking), anything)
      await holds(agent.readFile('/x', 0, 10, asking), anything)
    }),
    { numRuns: 150 },
  )
})

test('output of any bytes gives what the contract allows, or a typed failure', async () => {
  const lines = fc.constantFrom(
    ...['1 (a) b) S 1 1 1 0 -1 0 0 0 0 0 9 9 0 0 20 0 1 0 5 9 9', '--vireo--', '1/status:Uid:\t0\t0', 'cpu  1 2 3 4'],
    ...['f\t644\t1\t1\ta\tb\tname\t', 'd\t755\t-1\t1e9\ta\tb\t../x\t', 'MemTotal:  99999999999999999 kB', '100.5 1 1'],
  )
  const output = fc
    .array(fc.oneof(lines, text), { maxLength: 12 })
    .chain(parts => fc.constantFrom('\n', '\0').map(glue => parts.join(glue)))
  await fc.assert(
    fc.asyncProperty(output, async bytes => {
      const agent = await new ScriptedQemuGa(['guest-get-fsinfo']).runs(() => endWith(bytes)).connect()
      await holds(agent.processes(asking), GuestProcess.array())
      await holds(agent.list('/', asking), GuestEntry.array())
      await holds(agent.stat('/x', asking), GuestEntry)
      await holds(agent.telemetry(asking), GuestTelemetry)
      await holds(agent.system(asking), GuestSystem)
    }),
    { numRuns: 60 },
  )
})
