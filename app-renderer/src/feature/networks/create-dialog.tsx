import type { ConnectionUri, HostInterface, NetworkField, NetworkPlan } from '@vireo/app-main/contract'
import { failureText } from '../../store/app-error.ts'
import { cx, FormDialog, Select, Switch, TextField } from '../../ui/index.ts'
import { usePlaceName } from '../notices/place.ts'
import { type Draft, hasSubnet, issueAt, KINDS, waysOut } from './network-draft.ts'
import s from './networks.module.css'
import { useIssueText, useText } from './text.ts'
import { useDraft } from './use-draft.ts'

interface FieldsProps {
  draft: Draft
  change: (part: Partial<Draft>) => void
  errorOf: (field: NetworkField) => string | null
  interfaces: readonly HostInterface[]
  plan: NetworkPlan | null
}

/** What the subnet means for machines. */
const useSubnetHint = (plan: NetworkPlan | null): string | null => {
  const t = useText()
  const subnet = plan?.subnets.find(({ family }) => family === 'ipv4')
  if (!subnet) return null
  const [range] = subnet.dhcp
  return range ? t('subnetHint', { own: subnet.address, ...range }) : t('subnetHintStatic', { own: subnet.address })
}

const Addresses = ({ draft, change, errorOf, plan }: FieldsProps) => {
  const t = useText()
  const hint = useSubnetHint(plan)
  return (
    <>
      <TextField
        label={t('subnet')}
        value={draft.subnet}
        onChange={subnet => change({ subnet })}
        description={hint}
        error={errorOf('subnet')}
        mono
      />
      <Switch label={t('dhcp')} on={draft.dhcp} onChange={dhcp => change({ dhcp })} />
    </>
  )
}

/** What few people want to choose. */
const More = ({ draft, change, errorOf, interfaces, plan }: FieldsProps) => {
  const t = useText()
  const range = plan?.subnets.find(({ family }) => family === 'ipv4')?.dhcp[0]
  const ways = waysOut(draft.kind, interfaces)
  const options = [{ id: '', label: t('anyWay') }, ...(ways ?? []).map(({ name }) => ({ id: name, label: name }))]
  return (
    <details className={cx(s.more)}>
      <summary>{t('moreSettings')}</summary>
      <div className={cx(s.fields)}>
        {draft.dhcp ? (
          <div className={cx(s.pair)}>
            <TextField
              label={t('dhcpStart')}
              value={draft.dhcpStart}
              onChange={dhcpStart => change({ dhcpStart })}
              placeholder={range?.start ?? ''}
              error={errorOf('dhcpStart')}
              mono
            />
            <TextField
              label={t('dhcpEnd')}
              value={draft.dhcpEnd}
              onChange={dhcpEnd => change({ dhcpEnd })}
              placeholder={range?.end ?? ''}
              error={errorOf('dhcpEnd')}
              mono
            />
          </div>
        ) : null}
        <TextField
          label={t('subnet6')}
          value={draft.subnet6}
          onChange={subnet6 => change({ subnet6 })}
          description={t('subnet6Hint')}
          error={errorOf('subnet6')}
          mono
        />
        <TextField
          label={t('ownBridge')}
          value={draft.bridge}
          onChange={bridge => change({ bridge })}
          description={t('ownBridgeHint')}
          error={errorOf('bridge')}
          mono
        />
        {ways === null ? null : (
          <Select label={t('wayOut')} value={draft.device} options={options} onChange={device => change({ device })} />
        )}
      </div>
    </details>
  )
}

/** The bridge or the interface that the network leads to. */
const WayOut = ({ draft, change, errorOf, interfaces }: FieldsProps) => {
  const t = useText()
  const field = draft.kind === 'bridge' ? 'bridge' : 'device'
  const ways = waysOut(draft.kind, interfaces) ?? []
  if (ways.length === 0) return <p className={cx(s.dim)}>{t(field === 'bridge' ? 'noBridge' : 'noDevice')}</p>
  const options = [{ id: '', label: t('chooseOne') }, ...ways.map(({ name }) => ({ id: name, label: name }))]
  const error = errorOf(field)
  return (
    <>
      <Select
        label={t(field)}
        value={draft[field]}
        options={options}
        onChange={name => change(field === 'bridge' ? { bridge: name } : { device: name })}
      />
      {error ? (
        <p role="alert" className={cx(s.error)}>
          {error}
        </p>
      ) : null}
    </>
  )
}

const Fields = (props: FieldsProps) => {
  const { draft, change, errorOf } = props
  const t = useText()
  // What stands in the fields of another kind is no choice for this one.
  const setKind = (kind: Draft['kind']): void => change({ kind, bridge: '', device: '' })
  return (
    <>
      <TextField
        label={t('name')}
        value={draft.name}
        onChange={name => change({ name })}
        error={errorOf('name')}
        autoFocus
      />
      <div>
        <Select
          label={t('kind')}
          value={draft.kind}
          options={KINDS.map(id => ({ id, label: t(`kind.${id}`) }))}
          onChange={setKind}
        />
        <p className={cx(s.dim)}>{t(`about.${draft.kind}`)}</p>
      </div>
      {hasSubnet(draft.kind) ? <Addresses {...props} /> : <WayOut {...props} />}
      <Switch label={t('startsWithHost')} on={draft.autostart} onChange={autostart => change({ autostart })} />
      {hasSubnet(draft.kind) ? <More {...props} /> : null}
    </>
  )
}

const whyNot = (form: ReturnType<typeof useDraft>, t: ReturnType<typeof useText>): string | null => {
  if (form.draft.name.trim() === '') return t('needsName')
  if (form.checking) return t('checking')
  return form.issues.length > 0 ? t('wrong') : null
}

/** A new network; what is wrong with it is told while one types. */
export const CreateDialog = ({ makers, onClose }: { makers: readonly ConnectionUri[]; onClose: () => void }) => {
  const t = useText()
  const placeName = usePlaceName()
  const issueText = useIssueText()
  // How it ends is told as that of every task.
  const form = useDraft(makers, onClose)
  const errorOf = (field: NetworkField): string | null => {
    const issue = issueAt(form.issues, field, form.touched)
    return issue ? issueText(issue) : null
  }
  const { draft, change, interfaces, plan, error, pending } = form
  return (
    <FormDialog
      title={t('createTitle')}
      action={t('create')}
      size="m"
      onSubmit={() => void form.create()}
      onClose={onClose}
      pending={pending}
      reason={whyNot(form, t)}
      failure={error && { title: t('createFailed'), text: failureText(error) }}
    >
      {makers.length > 1 ? (
        <Select
          label={t('connection')}
          value={form.connection}
          options={makers.map(id => ({ id, label: placeName(id) }))}
          onChange={form.choose}
        />
      ) : null}
      <Fields draft={draft} change={change} errorOf={errorOf} interfaces={interfaces} plan={plan} />
    </FormDialog>
  )
}
