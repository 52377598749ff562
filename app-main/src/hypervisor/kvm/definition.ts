/** Making, changing and removing definitions. */
import { RemoteError } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { invalidXml, parseXml } from '../../libvirt/xml/document.ts'
import { switchGraphicsToVnc } from '../../libvirt/xml/switch-to-vnc.ts'
import type { Definition } from '../driver.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { newScreenPassword } from '../screen-password.ts'
import { typed } from './typed.ts'
import { planRemoval, previewOf } from './removal-plan.ts'
import { undefine } from './undefine.ts'

export const kvmDefinition = (connection: DaemonAccess): Definition => ({
  define: xml =>
    typed(async () => {
      const { root } = parseXml(xml)
      if (root.name !== 'domain') throw invalidXml(`it is a <${root.name}>, not a <domain>`)
      const ref = await connection.writable().domain.defineXmlFlags(xml, 0, { deadlineMs: 60_000 })
      await connection.refresh(ref)
      return ref.uuid
    }),

  undefinePreview: key => typed(async () => previewOf(await planRemoval(connection.daemon(), connection.ref(key)))),

  undefine: (key, options, operation) => typed(() => undefine(connection, key, options, operation)),

  switchToVnc: (key, { preview }) =>
    typed(async () => {
      const ref = connection.ref(key)
      const daemon = preview ? connection.daemon() : connection.writable()
      // What people see carries no passwords, neither the old nor the new.
      const before = await daemon.domain.getXmlDesc(ref, v.VIR_DOMAIN_XML_INACTIVE)
      const after = switchGraphicsToVnc(before, '********')
      if (after === before)
        throw new RemoteError({ kind: 'precondition', message: `“${ref.name}” has no SPICE screen to replace.` })
      if (!preview) {
        const secret = await daemon.domain.getXmlDesc(ref, v.VIR_DOMAIN_XML_INACTIVE | v.VIR_DOMAIN_XML_SECURE)
        const defined = await daemon.domain.defineXmlFlags(switchGraphicsToVnc(secret, newScreenPassword()))
        await connection.refresh(defined)
      }
      return { before, after, needsRestart: !['shutoff', 'saved', 'crashed'].includes(connection.summary(key).state) }
    }),
})
