import { parseSize } from '@vireo/app-main/contract'
import { useFormat } from '../../i18n/format.ts'
import { cx, type Fact, Facts } from '../../ui/index.ts'
import s from './create.module.css'
import { chosenKeys, type Draft, type Nic, nicHas, wordsOf } from './draft.ts'
import { networkOf } from './nic-place.ts'
import type { StepProps } from './parts.ts'
import { chosenOffer } from './sources.ts'
import { useText } from './text.ts'
import type { Around } from './use-around.ts'

interface Props {
  readonly draft: Draft
  readonly around: Around
}

const useSizes = ({ draft, around }: Props): readonly Fact[] => {
  const t = useText()
  const format = useFormat()
  const host = around.options.value
  const [memory, disk] = [parseSize(draft.memory), parseSize(draft.disk)]
  const cpus = Number(draft.cpus)
  const free = host?.availableMemoryBytes ?? null
  const total = host?.cpus ?? around.hostCpus
  const fact = (term: string, value: string | null): readonly Fact[] => (value === null ? [] : [{ term, value }])
  return [
    ...fact(
      t('cpus'),
      !Number.isInteger(cpus) || cpus < 1
        ? null
        : total === null
          ? format.number(cpus)
          : t('cpusOf', { cpus: format.number(cpus), total: format.number(total) }),
    ),
    ...fact(
      t('memory'),
      memory === undefined
        ? null
        : free === null
          ? format.bytes(memory)
          : t('memoryOf', { memory: format.bytes(memory), free: format.bytes(free) }),
    ),
    ...fact(t('disk'), disk === undefined ? null : t('diskGrows', { disk: format.bytes(disk) })),
  ]
}

const useCard = (around: Around): ((nic: Nic) => string) => {
  const t = useText()
  const host = around.options.value
  return nic => {
    const name = nic.type === 'auto' ? networkOf(nic, host)?.name : nic.source.trim()
    const place = name
      ? t(`nicOn.${nic.type}`, { name })
      : t(nic.type === 'auto' && host ? 'nic.user' : `nic.${nic.type}`)
    return nic.address.trim() === '' ? place : t('nicAt', { place, address: nic.address.trim() })
  }
}

/** Where its cards lead, and the ports that lead into it. */
export const useNetworkFacts = ({ draft, around }: Props): readonly Fact[] => {
  const t = useText()
  const format = useFormat()
  const card = useCard(around)
  const ports = draft.nics.filter(({ type }) => nicHas(type).forwards).flatMap(({ forwards }) => wordsOf(forwards))
  const cards = draft.nics.length === 0 ? t('nicNone') : format.list(draft.nics.map(card))
  return [
    { term: t('step.network'), value: <bdi>{cards}</bdi> },
    ...(ports.length === 0 ? [] : [{ term: t('forwards'), value: <bdi>{format.list(ports)}</bdi> }]),
  ]
}

const useSignIn = ({ draft, around }: Props): string => {
  const t = useText()
  if (!draft.cloudInit || !draft.withUser) return t('loginNobody')
  const offer = around.offers.value ? chosenOffer(around.offers.value, draft.source) : null
  const user = draft.user.trim() || (offer?.image?.defaultUser ?? offer?.entry?.defaultUser ?? '')
  const found = (around.keys.value ?? []).map(({ line }) => line)
  const keys = chosenKeys(draft, found).length
  return [
    ...(user === '' ? [] : [user]),
    ...(keys > 0 ? [t('part.keys', { count: keys })] : []),
    ...(draft.passwordHash === null ? [] : [t('part.password')]),
    ...(keys === 0 && draft.passwordHash === null ? [t('part.noKey')] : []),
  ].join(', ')
}

/** What it will be as it stands: on the first step what one Enter makes. */
export const Summary = ({ draft, around }: Pick<StepProps, 'draft' | 'around'>) => {
  const t = useText()
  const sizes = useSizes({ draft, around })
  const network = useNetworkFacts({ draft, around })
  const login = useSignIn({ draft, around })
  const name = draft.name.trim()
  if (draft.source === null || name === '') return null
  const isIso = draft.source.kind === 'system' && draft.source.way === 'iso'
  const facts: readonly Fact[] = [
    ...sizes,
    ...network,
    ...(isIso && !draft.unattended ? [] : [{ term: t('signIn'), value: <bdi>{login}</bdi> }]),
    { term: t('firmware'), value: t(`firmware.${draft.firmware}`) },
  ]
  return (
    <section className={cx(s.summary)} aria-label={t('summary')}>
      <h3>
        <bdi>{name}</bdi>
      </h3>
      <Facts facts={facts} />
    </section>
  )
}
