import { RemoteError } from '@vireo/app-main/contract'
import type * as v from 'valibot'
import type { Dialect } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { featuresOf, frozenFeatures } from './features.ts'
import { QemuGaAgent } from './qemu-ga-agent.ts'
import * as schema from './schema.ts'
import { Talk } from './talk.ts'

const CONNECT_SECONDS = 3

/** qemu-guest-agent. The hypervisor holds its channel, and shares it among all who ask. */
export const qemuGaDialect: Dialect = {
  name: 'qemu-ga',
  channel: 'org.qemu.guest_agent.0',
  async connect(link, { signal }) {
    const talk = new Talk(link)
    const ask = <S extends v.GenericSchema>(command: string, answer: S) =>
      talk.ask(command, answer, { seconds: CONNECT_SECONDS, signal })
    await ask('guest-ping', schema.nothing)
    const info = await ask('guest-info', schema.info)
    const frozen = (await ask('guest-fsfreeze-status', schema.freezeStatus).catch(nullWhereUntold)) === 'frozen'
    // Only the qemu-ga of Windows calls itself so.
    const system = frozen ? null : await ask('guest-get-osinfo', schema.osInfo).catch(nullWhereUntold)
    return new QemuGaAgent(link, {
      version: plainText(info.version, 64),
      features: frozen ? frozenFeatures() : featuresOf(info, system?.id === 'mswindows'),
      countsCpu: info.supported_commands.some(({ name, enabled }) => name === 'guest-get-cpustats' && enabled),
    })
  },
}

const nullWhereUntold = (error: unknown): null => {
  const untold = ['unsupported', 'refused', 'not-found', 'permission']
  if (error instanceof RemoteError && untold.includes(error.detail.kind)) return null
  throw error
}
