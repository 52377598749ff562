/** What a person fills in to launch a machine; pure. */
import type { ConnectionUri, VireoClient } from '@vireo/app-main/contract'

export interface LaunchForm {
  readonly connection: ConnectionUri
  readonly image: string
  readonly name: string
  readonly cpus: string
  readonly memory: string
  /** Of its root disk. */
  readonly disk: string
  readonly profiles: string
  /** Empty: as the profiles say. */
  readonly network: string
  readonly vm: boolean
  readonly autostart: boolean
  readonly nesting: boolean
}

export const emptyForm = (connection: ConnectionUri): LaunchForm => ({
  ...{ connection, image: '', name: '', cpus: '', memory: '', disk: '', profiles: 'default', network: '' },
  ...{ vm: false, autostart: false, nesting: false },
})

export type Wrong = Partial<
  Record<
    'image' | 'name' | 'cpus' | 'memory' | 'disk',
    'imageEmpty' | 'nameBad' | 'nameTaken' | 'cpusBad' | 'memoryBad'
  >
>

const NAME = /^[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
/** What LXD takes, with its unit: to it a bare number means bytes. */
const SIZE = /^[1-9]\d{0,11}(?:[kM]B|[KM]iB|[GT]i?B)$/

/** What is wrong with it, field by field; `taken` are the names of the machines on that connection. */
export const wrongWith = (form: LaunchForm, taken: ReadonlySet<string>): Wrong => {
  const cpus = form.cpus.trim()
  const name = form.name.trim()
  return {
    ...(form.image.trim() === '' ? { image: 'imageEmpty' as const } : {}),
    ...(!NAME.test(name) ? { name: 'nameBad' as const } : taken.has(name) ? { name: 'nameTaken' as const } : {}),
    ...(cpus !== '' && !/^[1-9]\d{0,3}$/.test(cpus) ? { cpus: 'cpusBad' as const } : {}),
    ...(isSize(form.memory) ? {} : { memory: 'memoryBad' as const }),
    ...(isSize(form.disk) ? {} : { disk: 'memoryBad' as const }),
  }
}

const squeezed = (text: string): string => text.replaceAll(/\s+/g, '')
const isSize = (text: string): boolean => text.trim() === '' || SIZE.test(squeezed(text))

const wordsIn = (profiles: string): readonly string[] => squeezed(profiles).split(',').filter(Boolean)

export const hasProfile = (profiles: string, name: string): boolean => wordsIn(profiles).includes(name)

/** Later profiles win over earlier ones, so that a new one comes last. */
export const toggleProfile = (profiles: string, name: string): string => {
  const words = wordsIn(profiles)
  return (words.includes(name) ? words.filter(one => one !== name) : [...words, name]).join(',')
}

export const wishOf = (form: LaunchForm): Parameters<VireoClient['lxd']['launch']>[0] => ({
  connection: form.connection,
  image: form.image.trim(),
  name: form.name.trim(),
  cpus: form.cpus.trim() === '' ? null : Number(form.cpus),
  memory: squeezed(form.memory) || null,
  disk: squeezed(form.disk) || null,
  profiles: squeezed(form.profiles),
  network: form.network || null,
  ...{ vm: form.vm, autostart: form.autostart, nesting: form.nesting },
})
