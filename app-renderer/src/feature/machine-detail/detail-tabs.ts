/** Which views a machine has; pure. */
import type { DomainSummary } from '@vireo/app-main/contract'

export const TABS = ['overview', 'screen', 'serial', 'terminal', 'guest', 'files', 'commands', 'xml'] as const
export type TabId = (typeof TABS)[number]

type Kind = Pick<DomainSummary, 'kind'>

/** Never one, whatever the machine: what cannot be now is said in the view itself. */
export const hasNoScreen = ({ kind }: Kind): boolean => kind === 'lxd'

export const tabsOf = (domain: Kind): readonly TabId[] =>
  hasNoScreen(domain) ? TABS.filter(tab => tab !== 'screen' && tab !== 'xml') : TABS
