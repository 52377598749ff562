/** Screens, serial lines and channels. */
import { RemoteError } from '../../contract/index.ts'
import { toRemoteError } from '../../libvirt/app-error.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { parseDomainXml, type DomainXml } from '../../libvirt/xml/domain-xml.ts'
import { consoleAlias } from '../detail.ts'
import type { Consoles, DomainKey } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import type { LineName } from '../share/shared-lines.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { typed } from './typed.ts'
import { openScreen } from './screen.ts'
import { openViewer } from './viewer.ts'

/** A line opens at once or not at all. */
const OPEN_MS = 15_000

export const kvmConsole = (connection: DaemonAccess): Consoles => {
  const facts = async (key: DomainKey): Promise<DomainXml> =>
    parseDomainXml(await connection.writable().domain.getXmlDesc(connection.ref(key)))
  const lineName = (key: DomainKey, line: string): LineName => ({ uri: connection.uri, key, line })
  return {
    screen: key =>
      typed(async () => {
        const ref = connection.ref(key)
        requireState(connection.summary(key), 'screen')
        return openScreen(connection.writable(), ref, await facts(key))
      }),

    screenPassword: key =>
      typed(async () => {
        const xml = await connection.writable().domain.getXmlDesc(connection.ref(key), v.VIR_DOMAIN_XML_SECURE)
        return parseDomainXml(xml).graphics.find(({ type }) => type === 'vnc')?.password ?? null
      }),

    serial: (key, { alias, takeOver }) =>
      typed(async () => {
        const ref = connection.ref(key)
        requireState(connection.summary(key), 'serial')
        const line = pickConsole(ref.name, await facts(key), alias)
        return connection.lines.open(
          lineName(key, `console:${line}`),
          ({ force }) =>
            open(ref.name, () => {
              const flags = force ? v.VIR_DOMAIN_CONSOLE_FORCE : 0
              return connection.writable().domain.openConsole(ref, line, flags, { deadlineMs: OPEN_MS })
            }),
          { takeOver },
        )
      }),

    channel: (key, { name, takeOver }) =>
      typed(async () => {
        const ref = connection.ref(key)
        requireState(connection.summary(key), 'serial')
        if (!(await facts(key)).channels.some(channel => channel.name === name))
          throw new RemoteError({ kind: 'not-found', message: `“${ref.name}” has no channel “${name}”.` })
        return connection.lines.open(
          lineName(key, `channel:${name}`),
          ({ force }) =>
            open(ref.name, () => {
              const flags = force ? v.VIR_DOMAIN_CHANNEL_FORCE : 0
              return connection.writable().domain.openChannel(ref, name, flags, { deadlineMs: OPEN_MS })
            }),
          { takeOver },
        )
      }),

    openViewer: key =>
      typed(async () => {
        const ref = connection.ref(key)
        requireState(connection.summary(key), 'openViewer')
        await openViewer(connection.uri, ref.uuid)
      }),
  }
}

const pickConsole = (name: string, { consoles }: DomainXml, alias: string | undefined): string => {
  // libvirt opens consoles only through their terminals.
  const usable = consoles.filter(({ type }) => type === 'pty')
  const [first] = usable
  if (first === undefined)
    throw new RemoteError({ kind: 'unsupported', message: `“${name}” has no serial line that can be opened.` })
  if (alias === undefined) return consoleAlias(first)
  if (usable.some(console => consoleAlias(console) === alias)) return alias
  throw new RemoteError({ kind: 'not-found', message: `“${name}” has no console “${alias}”.` })
}

const open = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const typedError = toRemoteError(error)
    if (typedError.detail.kind !== 'busy') throw typedError
    throw new RemoteError(
      {
        kind: 'busy',
        message: `The line of “${name}” is in use by another program.`,
        holder: 'another program',
        hint: 'Close it there, or take it over.',
      },
      { cause: error },
    )
  }
}
