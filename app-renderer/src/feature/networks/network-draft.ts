/** What somebody fills in for a new network; pure. */
import type { ConnectionUri, HostInterface, NetworkField, NetworkIssue, NewNetworkKind } from '@vireo/app-main/contract'

export interface Draft {
  readonly name: string
  readonly kind: NewNetworkKind
  readonly subnet: string
  readonly dhcp: boolean
  readonly dhcpStart: string
  readonly dhcpEnd: string
  readonly subnet6: string
  /** Of the host for kind `bridge`, else the name of the new one. */
  readonly bridge: string
  readonly device: string
  readonly autostart: boolean
}

export const KINDS = ['nat', 'isolated', 'bridge', 'macvtap', 'routed'] as const satisfies readonly NewNetworkKind[]

export const emptyDraft = (freeSubnet: string | null): Draft => ({
  ...{ name: '', kind: 'nat', subnet: freeSubnet ?? '', dhcp: true, dhcpStart: '', dhcpEnd: '' },
  ...{ subnet6: '', bridge: '', device: '', autostart: true },
})

/** Whether a network of that kind has addresses of its own. */
export const hasSubnet = (kind: NewNetworkKind): boolean => kind !== 'bridge' && kind !== 'macvtap'

/** What a network of that kind can lead to; null where that is not asked. */
export const waysOut = (
  kind: NewNetworkKind,
  interfaces: readonly HostInterface[],
): readonly HostInterface[] | null => {
  if (kind === 'bridge') return interfaces.filter(one => one.bridge && one.network === null)
  if (kind === 'isolated') return null
  const usable = interfaces.filter(one => (kind === 'macvtap' ? !one.bridge && !one.wireless : one.network === null))
  // What a cable is plugged into first.
  return usable.toSorted((a, b) => Number(b.physical) - Number(a.physical))
}

const given = (text: string): string | null => (text.trim() === '' ? null : text.trim())

/** What the contract takes: fields that a kind does not have stay out, whatever stands in them. */
export const inputOf = (connection: ConnectionUri, draft: Draft) => {
  const { kind, dhcp } = draft
  const own = hasSubnet(kind)
  const range = own && dhcp
  return {
    connection,
    name: draft.name.trim(),
    kind,
    subnet: own ? given(draft.subnet) : null,
    dhcp: own ? dhcp : true,
    dhcpStart: range ? given(draft.dhcpStart) : null,
    dhcpEnd: range ? given(draft.dhcpEnd) : null,
    subnet6: own ? given(draft.subnet6) : null,
    bridge: kind === 'macvtap' ? null : given(draft.bridge),
    device: kind === 'bridge' || kind === 'isolated' ? null : given(draft.device),
  }
}

/** The first thing wrong with a field that somebody has been in. */
export const issueAt = (
  issues: readonly NetworkIssue[],
  field: NetworkField,
  touched: ReadonlySet<NetworkField>,
): NetworkIssue | null => (touched.has(field) ? (issues.find(issue => issue.field === field) ?? null) : null)
