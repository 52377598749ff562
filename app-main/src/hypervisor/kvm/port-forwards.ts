/** Into machines on user-mode networking by passt, which libvirt starts with them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RemoteError } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { parseUri } from '../../libvirt/index.ts'
import { passtForwards, withoutPasstForward, withPasstForward } from '../../libvirt/xml/passt.ts'
import type { DomainKey } from '../driver.ts'
import type { PortForwards } from '../port-forwards.ts'
import { atLeast, PASST } from './create/host-facts.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { typed } from './typed.ts'

const FOLDERS = ['/usr/bin', '/usr/local/bin', '/bin']

/** Why a daemon of this version has no passt, null when it has. `program`: whether the program is there. */
export const passtRefusal = (version: string | null, program: boolean): string | null => {
  if (!atLeast(version, PASST))
    return `Only libvirt ${PASST.join('.')} and newer can lead a port there, by passt; this is ${version ?? 'an unknown one'}.`
  return program ? null : 'libvirt leads ports there by passt, which is not installed.'
}

const hasProgram = (): boolean => FOLDERS.some(folder => existsSync(join(folder, 'passt')))

export const kvmPortForwards = (connection: DaemonAccess): PortForwards => {
  const change = (key: DomainKey, edit: (xml: string) => string): Promise<void> =>
    typed(async () => {
      const ref = connection.ref(key)
      if (!connection.summary(key).persistent)
        throw new RemoteError({ kind: 'precondition', message: `“${ref.name}” ceases to exist when it stops.` })
      const { domain } = connection.writable()
      const before = await domain.getXmlDesc(ref, v.VIR_DOMAIN_XML_INACTIVE | v.VIR_DOMAIN_XML_SECURE)
      const after = edit(before)
      if (after !== before) await connection.refresh(await domain.defineXmlFlags(after))
    })
  return {
    get refusal() {
      const { transport } = parseUri(connection.uri)
      return passtRefusal(connection.status.host?.daemonVersion ?? null, transport !== 'unix' || hasProgram())
    },
    add: (key, forward) => change(key, xml => withPasstForward(xml, forward)),
    remove: (key, forward) => change(key, xml => withoutPasstForward(xml, forward)),
    list: key => typed(async () => passtForwards(await connection.daemon().domain.getXmlDesc(connection.ref(key), 0))),
  }
}
