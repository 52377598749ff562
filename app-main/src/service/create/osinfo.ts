/**
 * libosinfo's database of operating systems, where it is installed (package osinfo-db): which system an installation
 * medium holds, and what a system wants. Where it is not there nothing is known, and nothing else changes.
 */
import { open, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../base/log.ts'
import { parseXml, type XmlElement } from '../../libvirt/xml/document.ts'
import { attribute, childrenOf, find, findAll, textOf } from '../../libvirt/xml/query.ts'

export interface OsResources {
  readonly cpus: number | null
  readonly memoryBytes: number | null
  readonly diskBytes: number | null
}

export interface OsFacts {
  /** For instance `http://debian.org/debian/12`. */
  readonly id: string
  readonly name: string
  readonly minimum: OsResources
  readonly recommended: OsResources
}

/** What a medium says of itself, without the blanks behind. */
export interface VolumeMarks {
  readonly system: string
  readonly volume: string
  readonly publisher: string
  readonly application: string
}

const log = createLog('create')

/** The later ones count more: the distribution’s, the administrator’s, the person’s own. */
export const osinfoFolders = (environment: NodeJS.ProcessEnv = process.env): string[] => [
  environment['OSINFO_SYSTEM_DIR'] ?? '/usr/share/osinfo',
  environment['OSINFO_LOCAL_DIR'] ?? '/etc/osinfo',
  environment['OSINFO_USER_DIR'] ?? join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'osinfo'),
]

const NOTHING: OsResources = { cpus: null, memoryBytes: null, diskBytes: null }
/** How far systems that are like others are followed. */
const MOST_ANCESTORS = 8
const MOST_BYTES = 4 * 1024 * 1024
const FILES_AT_ONCE = 16

interface Os {
  readonly facts: OsFacts
  readonly parent: string | null
  /** What the marks of its media look like. */
  readonly media: readonly Readonly<Partial<Record<keyof VolumeMarks, RegExp>>>[]
}

const amount = (element: XmlElement | undefined): number | null => {
  const number = Number(textOf(element) ?? Number.NaN)
  return Number.isSafeInteger(number) && number > 0 ? number : null
}

/** What is said for this processor, else what is said for all. */
const resourcesOf = (os: XmlElement, what: 'minimum' | 'recommended', arch: string): OsResources => {
  const lists = childrenOf(os, 'resources')
  const own = [arch, 'all'].flatMap(name => lists.filter(one => attribute(one, 'arch') === name))
  const found = own.flatMap(one => childrenOf(one, what))
  const first = (name: string) => found.map(one => amount(find(one, name))).find(value => value !== null) ?? null
  return { cpus: first('n-cpus'), memoryBytes: first('ram'), diskBytes: first('storage') }
}

const MARKS = { system: 'system-id', volume: 'volume-id', publisher: 'publisher-id', application: 'application-id' }
const MARK_NAMES = ['system', 'volume', 'publisher', 'application'] as const

const pattern = (text: string): RegExp | null => {
  try {
    return new RegExp(text)
  } catch {
    // Of another dialect: it recognises nothing here.
    return null
  }
}

const mediumOf = (medium: XmlElement): Os['media'] => {
  const marks: Partial<Record<keyof VolumeMarks, RegExp>> = {}
  for (const name of MARK_NAMES) {
    const text = textOf(find(medium, `iso/${MARKS[name]}`))
    if (text === null) continue
    const found = pattern(text)
    if (found === null) return []
    marks[name] = found
  }
  return marks.volume === undefined ? [] : [marks]
}

const osOf = (root: XmlElement, arch: string): Os | null => {
  const os = find(root, 'os')
  const id = attribute(os, 'id')
  if (os === undefined || id === null) return null
  const media = childrenOf(os, 'media').filter(one => [arch, 'all', null].includes(attribute(one, 'arch')))
  const parent = attribute(find(os, 'derives-from'), 'id') ?? attribute(find(os, 'clones'), 'id')
  const name = findAll(os, 'name').find(one => !one.attributes.has('xml:lang'))
  const facts = { id, name: textOf(name) ?? id, minimum: resourcesOf(os, 'minimum', arch) }
  const recommended = resourcesOf(os, 'recommended', arch)
  return { facts: { ...facts, recommended }, parent, media: media.flatMap(mediumOf) }
}

const known = ({ cpus, memoryBytes, diskBytes }: OsResources): boolean =>
  cpus !== null || memoryBytes !== null || diskBytes !== null

export class OsinfoDatabase {
  readonly #folders: readonly string[]
  readonly #arch: string
  #systems: Promise<ReadonlyMap<string, Os>> | undefined

  constructor(
    folders: readonly string[] = osinfoFolders(),
    arch: string = process.arch === 'arm64' ? 'aarch64' : 'x86_64',
  ) {
    this.#folders = folders
    this.#arch = arch
  }

  /** What is known of a system; what it does not say itself it has from those it is derived from. */
  async byId(id: string): Promise<OsFacts | null> {
    const systems = await this.#read()
    const own = systems.get(id)
    if (!own) return null
    let { minimum, recommended } = own.facts
    let parent = own.parent
    for (let steps = 0; parent !== null && steps < MOST_ANCESTORS; steps++) {
      const next: Os | undefined = systems.get(parent)
      if (!known(minimum)) minimum = next?.facts.minimum ?? NOTHING
      if (!known(recommended)) recommended = next?.facts.recommended ?? NOTHING
      parent = next?.parent ?? null
    }
    return { ...own.facts, minimum, recommended }
  }

  /** The system of a medium; of several that fit the one that is most exactly described. */
  async byMarks(marks: VolumeMarks): Promise<OsFacts | null> {
    let best: { id: string; exactness: number } | null = null
    for (const [id, { media }] of await this.#read())
      for (const medium of media) {
        if (!MARK_NAMES.every(name => medium[name]?.test(marks[name]) ?? true)) continue
        const exactness = (medium.volume?.source.length ?? 0) + 100 * MARK_NAMES.filter(name => medium[name]).length
        if (best === null || exactness > best.exactness) best = { id, exactness }
      }
    return best === null ? null : this.byId(best.id)
  }

  #read(): Promise<ReadonlyMap<string, Os>> {
    this.#systems ??= this.#readAll()
    return this.#systems
  }

  async #readAll(): Promise<ReadonlyMap<string, Os>> {
    const systems = new Map<string, Os>()
    for (const folder of this.#folders) {
      const names = await readdir(join(folder, 'os'), { recursive: true }).catch(() => [])
      const files = names.filter(name => name.endsWith('.xml')).toSorted()
      for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
        const part = files.slice(at, at + FILES_AT_ONCE).map(name => this.#readOne(join(folder, 'os', name)))
        for (const os of await Promise.all(part)) if (os) systems.set(os.facts.id, os)
      }
    }
    return systems
  }

  async #readOne(path: string): Promise<Os | null> {
    try {
      const text = await readFile(path, 'utf8')
      return text.length > MOST_BYTES ? null : osOf(parseXml(text).root, this.#arch)
    } catch (error) {
      log.debug('is no entry of libosinfo', { path, error: String(error) })
      return null
    }
  }
}

/** The first descriptor of an ISO 9660 image, bytes. */
const DESCRIPTOR_AT = 16 * 2048

/** What a medium says of itself; null for what is no ISO 9660 image. */
export const volumeMarks = async (path: string): Promise<VolumeMarks | null> => {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(2048)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, DESCRIPTOR_AT)
    if (bytesRead < bytes.length || bytes[0] !== 1 || bytes.toString('latin1', 1, 6) !== 'CD001') return null
    const words = (from: number, length: number) =>
      bytes.toString('latin1', from, from + length).replace(/[\s\0]+$/, '')
    return { system: words(8, 32), volume: words(40, 32), publisher: words(318, 128), application: words(574, 128) }
  } finally {
    await file.close()
  }
}
