/** What somebody fills in to add an image, and what becomes of it; pure. */
import type { DomainId } from '@vireo/app-main/contract'

export const KINDS = ['address', 'file', 'machine'] as const
export type AddKind = (typeof KINDS)[number]

/** Texts are as typed; empty ones leave the matter to Vireo. */
export interface AddDraft {
  readonly kind: AddKind
  readonly address: string
  readonly checksum: string
  readonly path: string
  readonly inPlace: boolean
  readonly raw: boolean
  readonly machine: DomainId | null
  readonly name: string
  /** Of the catalogue; empty: not known. */
  readonly osId: string
}

export const emptyAdd: AddDraft = {
  ...{ kind: 'address', address: '', checksum: '', path: '', inPlace: false, raw: false, machine: null, name: '' },
  osId: '',
}

export type AddFault = 'address' | 'checksum' | 'path' | 'machine'

/** What is wrong, the first first. */
export const faultsOf = ({ kind, address, checksum, path, machine }: AddDraft): readonly AddFault[] => {
  switch (kind) {
    case 'address':
      return [
        ...(/^https?:\/\/[^\s/]+/i.test(address.trim()) ? [] : (['address'] as const)),
        ...(/^(?:sha(?:256|512):)?(?:[0-9a-f]{64}|[0-9a-f]{128})?$/i.test(checksum.trim())
          ? []
          : (['checksum'] as const)),
      ]
    case 'file':
      return /^\/.*[^/]$/s.test(path.trim()) ? [] : ['path']
    case 'machine':
      return machine === null ? ['machine'] : []
  }
}

/** What it is called unless somebody says otherwise. */
export const usualName = ({ kind, address, path }: AddDraft, machineName: string | null): string => {
  if (kind === 'machine') return machineName ?? ''
  const place = kind === 'address' ? address.trim().split(/[?#]/)[0] : path.trim()
  return place?.split('/').at(-1) ?? ''
}

/** An id for the catalogue that is not taken. */
export const freeId = (name: string, taken: ReadonlySet<string>): string => {
  const plain = name
    .toLowerCase()
    .replace(/\.(?:qcow2|img|raw|iso)$/, '')
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[-._]+|[-._]+$/g, '')
    .slice(0, 40)
  const wanted = plain.length < 2 ? `image${plain}` : plain
  let id = wanted
  for (let number = 2; taken.has(id); number++) id = `${wanted}-${number}`
  return id
}

type About = { readonly name?: string; readonly osId?: string }

/** The call to make. */
export type AddCall =
  | { readonly call: 'fetch'; readonly input: About & { readonly source: string; readonly checksum?: string } }
  | { readonly call: 'import'; readonly input: About & { readonly path: string; readonly raw: boolean } }
  | { readonly call: 'import'; readonly input: About & { readonly machine: DomainId } }
  | {
      readonly call: 'add'
      readonly input: About & { readonly id: string; readonly place: string; readonly inPlace: true }
    }

/** Null while something is wrong. `taken`: ids of the catalogue. */
export const callOf = (draft: AddDraft, taken: ReadonlySet<string>): AddCall | null => {
  if (faultsOf(draft).length > 0) return null
  const { kind, name, osId, inPlace, raw, machine } = draft
  const about = { ...(name.trim() === '' ? {} : { name: name.trim() }), ...(osId === '' ? {} : { osId }) }
  if (kind === 'machine') return machine === null ? null : { call: 'import', input: { ...about, machine } }
  if (kind === 'address') {
    const checksum = draft.checksum.trim()
    return {
      call: 'fetch',
      input: { ...about, source: draft.address.trim(), ...(checksum === '' ? {} : { checksum }) },
    }
  }
  const path = draft.path.trim()
  if (!inPlace) return { call: 'import', input: { ...about, path, raw } }
  const called = name.trim() || usualName(draft, null)
  return { call: 'add', input: { ...about, name: called, id: freeId(called, taken), place: path, inPlace: true } }
}
