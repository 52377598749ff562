/** A network card of a new machine. */
import { RemoteError } from '../../../contract/index.ts'
import { element } from '../../../libvirt/xml/write.ts'
import type { CreationHost, NicSpec } from '../../creation.ts'

const forward = ({ protocol, host, guest }: NicSpec['forwards'][number]): string =>
  element('portForward', { proto: protocol, address: '127.0.0.1' }, element('range', { start: host, to: guest }))

const forwards = (nic: NicSpec, host: CreationHost): string[] => {
  if (nic.forwards.length === 0) return []
  if (nic.type !== 'user' || !host.passt) {
    throw new RemoteError({
      kind: 'unsupported',
      message:
        nic.type === 'user'
          ? 'This host’s libvirt cannot forward ports into machines.'
          : 'Only user networking forwards ports; on other networks the machine has an address of its own.',
      hint:
        nic.type === 'user'
          ? 'It takes libvirt 9.2 and passt. Use another network, or no forwards.'
          : 'Leave them out.',
    })
  }
  return [element('backend', { type: 'passt' }), ...nic.forwards.map(forward)]
}

const SOURCE = { network: 'network', bridge: 'bridge', macvtap: 'dev' } as const

/** One queue per processor, where the host's end has queues. */
export const nicElement = (nic: NicSpec, host: CreationHost, queues: number): string => {
  const source =
    nic.type === 'user'
      ? ''
      : element('source', { [SOURCE[nic.type]]: nic.source, mode: nic.type === 'macvtap' ? 'bridge' : null })
  return element(
    'interface',
    { type: nic.type === 'macvtap' ? 'direct' : nic.type },
    element('mac', { address: nic.mac }),
    source,
    element('model', { type: 'virtio' }),
    nic.type !== 'user' && queues > 1 ? element('driver', { queues }) : '',
    ...forwards(nic, host),
  )
}
