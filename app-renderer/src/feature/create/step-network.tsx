import type { NicType } from '@vireo/app-main/contract'
import { useState } from 'react'
import { Button, cx, IconButton, Select, TextField } from '../../ui/index.ts'
import s from './create.module.css'
import { type Nic, nicHas } from './draft.ts'
import { exampleAddress, forwardsBy, networkOf, subnetOf, subnetText } from './nic-place.ts'
import type { StepProps } from './parts.ts'
import { OptionsTrouble } from './step-resources.tsx'
import { useText } from './text.ts'
import { dispatch } from './wizard-store.ts'

const TYPES = ['auto', 'network', 'bridge', 'macvtap', 'user'] as const satisfies readonly NicType[]

interface NicProps extends StepProps {
  nic: Nic
  number: number
  set: (part: Partial<Omit<Nic, 'key'>>) => void
  wrong: (field: keyof Nic) => string | null
}

/** What the card is plugged into. */
const Place = ({ nic, around, set, wrong }: NicProps) => {
  const t = useText()
  const networks = around.options.value?.networks ?? []
  const error = wrong('source')
  if (nic.type !== 'network')
    return (
      <TextField label={t('nicDevice')} value={nic.source} onChange={source => set({ source })} error={error} mono />
    )
  const options = networks.map(network => {
    const { name, active } = network
    const subnet = subnetOf(network)
    const label = subnet ? t('nicNetworkIn', { name, subnet: subnetText(subnet) }) : name
    return { id: name, label: active ? label : t('nicNetworkStopped', { name }) }
  })
  return (
    <div>
      <Select
        label={t('nicNetwork')}
        options={[{ id: '', label: t('choose') }, ...options]}
        value={networks.some(({ name }) => name === nic.source) ? nic.source : ''}
        onChange={source => set({ source })}
      />
      {networks.length === 0 ? <p className={cx(s.dim)}>{t('noNetwork')}</p> : null}
      {error ? (
        <p role="alert" className={cx(s.error)}>
          {error}
        </p>
      ) : null}
    </div>
  )
}

const ABOUT_FORWARDS = { libvirt: 'forwardsByLibvirt', vireo: 'forwardsByVireo' } as const

const Forwards = ({ nic, around, set, wrong }: NicProps) => {
  const t = useText()
  const way = forwardsBy(nic, around.options.value)
  if (way === 'nobody' && nic.forwards === '') return <p className={cx(s.dim)}>{t('forwardsImpossible')}</p>
  return (
    <TextField
      label={t('forwards')}
      value={nic.forwards}
      onChange={forwards => set({ forwards })}
      description={way === 'nobody' ? t('forwardsHint') : [t('forwardsHint'), t(ABOUT_FORWARDS[way])].join(' ')}
      placeholder={FORWARD_EXAMPLE}
      error={wrong('forwards')}
      mono
    />
  )
}

/** Digits, the same in every language. */
const FORWARD_EXAMPLE = '2222:22'

/** What few people want to choose. */
const Address = ({ nic, around, set, wrong }: NicProps) => {
  const t = useText()
  const subnet = subnetOf(networkOf(nic, around.options.value))
  const fixed = nic.address.trim() !== ''
  const example = subnet && exampleAddress(subnet)
  const field = (name: 'address' | 'gateway' | 'nameServers' | 'mac', hint: string | null, usual?: string | null) => (
    <TextField
      label={t(name)}
      value={nic[name]}
      onChange={value => set({ [name]: value })}
      description={hint}
      error={wrong(name)}
      mono
      {...(usual ? { placeholder: usual } : {})}
    />
  )
  const hint = subnet ? t('addressInHint', { subnet: subnetText(subnet) }) : t('addressHint')
  // Only at first: it shall not close over a field that is being emptied.
  const [filled] = useState(nic.address + nic.gateway + nic.nameServers + nic.mac !== '')
  return (
    <details className={cx(s.more)} open={filled}>
      <summary>{t('nicMore')}</summary>
      <div className={cx(s.pair)}>
        {field('address', hint, example)}
        {field('gateway', subnet && fixed ? t('gatewayHint') : null, fixed ? subnet?.address : null)}
        {field('nameServers', null, fixed ? subnet?.address : null)}
        {field('mac', t('macHint'))}
      </div>
    </details>
  )
}

const Card = (props: StepProps & { nic: Nic; number: number }) => {
  const t = useText()
  const { nic, number, errorOf } = props
  const { key } = nic
  const label = t('nic', { number })
  const rest = {
    set: (part: Partial<Omit<Nic, 'key'>>) => dispatch({ type: 'change-nic', key, part }),
    wrong: (field: keyof Nic) => errorOf(`nic:${key}:${field}`),
  }
  const has = nicHas(nic.type)
  return (
    <section className={cx(s.card)} aria-label={label}>
      <div className={cx(s.cardHead)}>
        <h3>{label}</h3>
        <IconButton
          icon="trash"
          small
          label={t('removeNic', { number })}
          onPress={() => dispatch({ type: 'remove-nic', key })}
        />
      </div>
      <Select
        label={t('nicType')}
        options={TYPES.map(id => ({ id, label: t(`nic.${id}`) }))}
        value={nic.type}
        // What stands in the field of another kind is no choice for this one.
        onChange={type => rest.set({ type, source: '' })}
      />
      <p className={cx(s.dim)}>{t(`aboutNic.${nic.type}`)}</p>
      {has.source ? <Place {...props} {...rest} /> : null}
      {has.forwards ? <Forwards {...props} {...rest} /> : null}
      <Address {...props} {...rest} />
    </section>
  )
}

export const NetworkStep = (props: StepProps) => {
  const t = useText()
  const { draft, around } = props
  return (
    <>
      <OptionsTrouble options={around.options} />
      {draft.nics.map((nic, at) => (
        <Card key={nic.key} {...props} nic={nic} number={at + 1} />
      ))}
      {draft.nics.length === 0 ? <p className={cx(s.dim)}>{t('noNics')}</p> : null}
      <div>
        <Button look="line" icon="plus" small onPress={() => dispatch({ type: 'add-nic' })}>
          {t('addNic')}
        </Button>
      </div>
    </>
  )
}
