import type { AppError, ConnectionUri, LxdImage, LxdNetwork, LxdProfile } from '@vireo/app-main/contract'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient, useConnections, useStores, useUi } from '../../store/hooks.ts'
import { Banner, Chip, cx, Dialog, FormDialog, Select, Switch, TextField } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { placeName } from '../notices/place.ts'
import { emptyForm, hasProfile, type LaunchForm, toggleProfile, wishOf, wrongWith } from './launch-form.ts'
import { launchPlaces } from './launch-places.ts'
import s from './launch.module.css'
import { text, useText } from './text.ts'

interface Offer {
  readonly images: readonly LxdImage[]
  readonly networks: readonly LxdNetwork[]
  readonly profiles: readonly LxdProfile[]
  readonly error: AppError | null
}

const NOTHING: Offer = { images: [], networks: [], profiles: [], error: null }

const useOffer = (connection: ConnectionUri): Offer => {
  const client = useClient()
  const [offer, setOffer] = useState<Offer>(NOTHING)
  useEffect(() => {
    let current = true
    setOffer(NOTHING)
    const { lxd } = client
    Promise.all([lxd.images({ connection }), lxd.networks({ connection }), lxd.profiles({ connection })]).then(
      ([images, networks, profiles]) => (current ? setOffer({ images, networks, profiles, error: null }) : undefined),
      (thrown: unknown) => (current ? setOffer({ ...NOTHING, error: appErrorOf(thrown) }) : undefined),
    )
    return () => {
      current = false
    }
  }, [client, connection])
  return offer
}

/** Asks for the machine; a refusal leaves everything as it was filled in. */
const useLaunch = (onBegun: () => void) => {
  const client = useClient()
  const shown = useRef(true)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<AppError | null>(null)
  useEffect(() => {
    shown.current = true
    return () => void (shown.current = false)
  }, [])
  const launch = async (form: LaunchForm): Promise<void> => {
    if (pending) return
    setPending(true)
    setFailure(null)
    try {
      await client.lxd.launch(wishOf(form))
      // Somebody who closed it meanwhile may have opened another dialog.
      if (shown.current) onBegun()
    } catch (thrown) {
      const error = appErrorOf(thrown)
      if (!shown.current) return showFailure(text('failed', { name: form.name.trim() }), error)
      setFailure(error)
      setPending(false)
    }
  }
  return { pending, failure, launch }
}

/** Makes a machine of LXD or Incus from an image. */
export const LaunchDialog = () => {
  const t = useText()
  const { ui } = useStores()
  const places = launchPlaces(useConnections().values())
  const close = (): void => ui.state.setState({ dialog: null })
  const asked = useUi(state => state.about)
  const now = places.find(uri => uri === asked) ?? places[0]
  // A connection that is lost for a moment takes nothing away that was filled in.
  const [first, setFirst] = useState(now)
  if (first === undefined && now !== undefined) setFirst(now)
  if (first !== undefined) return <Form places={places} first={first} onClose={close} />
  return (
    <Dialog title={t('title')} onClose={close}>
      <p>{t('none')}</p>
    </Dialog>
  )
}

interface FormProps {
  places: readonly ConnectionUri[]
  first: ConnectionUri
  onClose: () => void
}

const Form = ({ places, first, onClose }: FormProps) => {
  const t = useText()
  const { domains } = useStores()
  const [form, setForm] = useState<LaunchForm>(() => emptyForm(first))
  const [tried, setTried] = useState(false)
  const { pending, failure, launch } = useLaunch(onClose)
  const byId = useStore(domains.state, state => state.byId)
  const taken = useMemo(
    () => new Set([...byId.values()].filter(one => one.connection === form.connection).map(({ name }) => name)),
    [byId, form.connection],
  )
  const wrong = wrongWith(form, taken)
  const submit = async (): Promise<void> => {
    setTried(true)
    if (Object.keys(wrong).length === 0) await launch(form)
  }
  return (
    <FormDialog
      title={t('title')}
      action={t('launch')}
      icon="play"
      size="m"
      onSubmit={() => void submit()}
      onClose={onClose}
      pending={pending}
      failure={failure && { title: t('failed', { name: form.name.trim() }), text: failureText(failure) }}
    >
      <p>{t('body')}</p>
      {places.length > 1 ? (
        <Select
          label={t('place')}
          options={places.map(id => ({ id, label: placeName(id) }))}
          value={form.connection}
          onChange={connection => setForm({ ...form, connection, network: '' })}
        />
      ) : null}
      <Fields form={form} wrong={tried ? wrong : {}} onChange={part => setForm({ ...form, ...part })} />
    </FormDialog>
  )
}

interface FieldsProps {
  form: LaunchForm
  wrong: ReturnType<typeof wrongWith>
  onChange: (part: Partial<LaunchForm>) => void
}

const MOST_OFFERED = 12

const Fields = ({ form, wrong, onChange }: FieldsProps) => {
  const t = useText()
  const { images, networks, profiles, error } = useOffer(form.connection)
  const local = images.flatMap(({ aliases, type }) =>
    aliases.slice(0, 1).map(alias => ({ alias, vm: type !== 'container' })),
  )
  const word = wordOf(t, wrong)
  const managed = networks.filter(one => one.managed).map(({ name }) => ({ id: name, label: name }))
  return (
    <>
      {error ? (
        <Banner tone="pause" title={t('lookFailed')}>
          <bdi>{error.message}</bdi>
        </Banner>
      ) : null}
      <TextField
        label={t('image')}
        value={form.image}
        onChange={image => onChange({ image })}
        description={t('imageHint')}
        error={word('image')}
        mono
        autoFocus
      />
      {local.length > 0 ? (
        <div role="group" aria-label={t('image')} className={cx(s.images)}>
          {local.slice(0, MOST_OFFERED).map(({ alias, vm }) => (
            <Chip
              key={alias}
              label={alias}
              pressed={form.image === alias}
              onPress={() => onChange({ image: alias, vm })}
            />
          ))}
        </div>
      ) : null}
      <TextField label={t('name')} value={form.name} onChange={name => onChange({ name })} error={word('name')} mono />
      <Limits form={form} wrong={wrong} profiles={profiles} onChange={onChange} />
      <Select
        label={t('network')}
        options={[{ id: '', label: t('networkByProfile') }, ...managed]}
        value={form.network}
        onChange={network => onChange({ network })}
      />
      <div className={cx(s.switches)}>
        <Switch label={t('vm')} on={form.vm} onChange={vm => onChange({ vm })} />
        <Switch label={t('autostart')} on={form.autostart} onChange={autostart => onChange({ autostart })} />
        <Switch label={t('nesting')} on={form.nesting} onChange={nesting => onChange({ nesting })} />
      </div>
    </>
  )
}

/** What it may use, and what else the profiles say. */
const Limits = ({ form, wrong, profiles, onChange }: FieldsProps & { profiles: readonly LxdProfile[] }) => {
  const t = useText()
  const word = wordOf(t, wrong)
  return (
    <>
      <div className={cx(s.pair)}>
        <TextField
          label={t('cpus')}
          value={form.cpus}
          onChange={cpus => onChange({ cpus })}
          description={t('cpusHint')}
          error={word('cpus')}
        />
        <TextField
          label={t('memory')}
          value={form.memory}
          onChange={memory => onChange({ memory })}
          description={t('memoryHint')}
          error={word('memory')}
        />
        <TextField
          label={t('disk')}
          value={form.disk}
          onChange={disk => onChange({ disk })}
          description={t('diskHint')}
          error={word('disk')}
        />
        <TextField
          label={t('profiles')}
          value={form.profiles}
          onChange={chosen => onChange({ profiles: chosen })}
          description={t('profilesHint')}
          mono
        />
      </div>
      {profiles.length > 1 ? (
        <div role="group" aria-label={t('profiles')} className={cx(s.images)}>
          {profiles.slice(0, MOST_OFFERED).map(({ name }) => (
            <Chip
              key={name}
              label={name}
              pressed={hasProfile(form.profiles, name)}
              onPress={() => onChange({ profiles: toggleProfile(form.profiles, name) })}
            />
          ))}
        </div>
      ) : null}
    </>
  )
}

const wordOf =
  (t: ReturnType<typeof useText>, wrong: FieldsProps['wrong']) =>
  (field: keyof FieldsProps['wrong']): string | null =>
    wrong[field] ? t(wrong[field]) : null
