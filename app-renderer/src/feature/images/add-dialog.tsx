import type { AppError, CatalogueImage, DomainSummary, VireoClient } from '@vireo/app-main/contract'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { appErrorOf } from '../../store/app-error.ts'
import { useStores } from '../../store/hooks.ts'
import { cx, FormDialog, Select, Switch, TextField } from '../../ui/index.ts'
import { errorWords } from '../hosts/error-words.ts'
import { usePlaceName } from '../notices/place.ts'
import {
  type AddCall,
  type AddDraft,
  type AddFault,
  callOf,
  emptyAdd,
  faultsOf,
  KINDS,
  usualName,
} from './add-draft.ts'
import { templateMachines } from './image-view.ts'
import s from './images.module.css'
import { useText } from './text.ts'

interface FieldsProps {
  draft: AddDraft
  change: (part: Partial<AddDraft>) => void
  /** Nothing before somebody was in the field. */
  errorOf: (fault: AddFault) => string | null
}

const WebAddress = ({ draft, change, errorOf }: FieldsProps) => {
  const t = useText()
  return (
    <>
      <TextField
        label={t('address')}
        value={draft.address}
        onChange={address => change({ address })}
        description={t('addressHint')}
        error={errorOf('address')}
        mono
        autoFocus
      />
      <TextField
        label={t('checksum')}
        value={draft.checksum}
        onChange={checksum => change({ checksum })}
        description={t('checksumHint')}
        error={errorOf('checksum')}
        mono
      />
    </>
  )
}

const LocalFile = ({ draft, change, errorOf }: FieldsProps) => {
  const t = useText()
  return (
    <>
      <TextField
        label={t('path')}
        value={draft.path}
        onChange={path => change({ path })}
        description={t('pathHint')}
        error={errorOf('path')}
        mono
        autoFocus
      />
      <Switch label={t('inPlace')} on={draft.inPlace} onChange={inPlace => change({ inPlace })} />
      {draft.inPlace ? (
        <p className={cx(s.dim)}>{t('inPlaceHint')}</p>
      ) : (
        <Switch label={t('raw')} on={draft.raw} onChange={raw => change({ raw })} />
      )}
    </>
  )
}

const Machine = ({ draft, change, machines }: FieldsProps & { machines: readonly DomainSummary[] }) => {
  const t = useText()
  const placeName = usePlaceName()
  const [first] = machines
  if (!first) return <p className={cx(s.dim)}>{t('noMachine')}</p>
  const shared = new Set(machines.map(({ connection }) => connection)).size > 1
  const options = machines.map(({ id, name, connection }) => ({
    ...{ id, label: shared ? `${name} (${placeName(connection)})` : name },
  }))
  return (
    <Select
      label={t('machine')}
      options={options}
      value={draft.machine ?? first.id}
      onChange={machine => change({ machine })}
    />
  )
}

const run = (client: VireoClient, { call, input }: AddCall): Promise<unknown> => {
  switch (call) {
    case 'fetch':
      return client.image.fetch(input)
    case 'import':
      return client.image.import(input)
    case 'add':
      return client.image.add(input)
  }
}

/** How it goes on is told as that of every task. */
const useAdd = (catalogue: readonly CatalogueImage[], onClose: () => void) => {
  const { client, domains } = useStores()
  const byId = useStore(domains.state, state => state.byId)
  const machines = useMemo(() => templateMachines(byId.values()), [byId])
  const [typed, setDraft] = useState(emptyAdd)
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  // One that was started meanwhile is no choice any more.
  const chosen = machines.find(({ id }) => id === typed.machine) ?? machines[0]
  const draft = { ...typed, machine: chosen?.id ?? null }
  const change = (part: Partial<AddDraft>): void => {
    setDraft(before => ({ ...before, ...part }))
    setTouched(before => new Set([...before, ...Object.keys(part)]))
    setError(null)
  }
  const call = callOf(draft, new Set(catalogue.map(({ id }) => id)))
  const add = async (): Promise<void> => {
    if (call === null || pending) return
    setPending(true)
    try {
      await run(client, call)
      onClose()
    } catch (thrown) {
      setError(appErrorOf(thrown))
      setPending(false)
    }
  }
  const name = usualName(draft, chosen?.name ?? null)
  return { draft, change, touched, pending, error, machines, add, usual: name }
}

/** An image from elsewhere: an address, a file, or a machine's disk. */
export const AddDialog = ({ catalogue, onClose }: { catalogue: readonly CatalogueImage[]; onClose: () => void }) => {
  const t = useText()
  const { draft, change, touched, pending, error, machines, add, usual } = useAdd(catalogue, onClose)
  const faults = faultsOf(draft)
  const errorOf = (fault: AddFault) => (touched.has(fault) && faults.includes(fault) ? t(`wrong.${fault}`) : null)
  const fields = { draft, change, errorOf }
  const systems = catalogue.filter(({ origin }) => origin === 'catalogue').map(({ id, name }) => ({ id, label: name }))
  return (
    <FormDialog
      title={t('addTitle')}
      action={t('add')}
      size="m"
      onSubmit={() => void add()}
      onClose={onClose}
      pending={pending}
      reason={faults[0] === undefined ? null : t(`wrong.${faults[0]}`)}
      failure={error && { title: t('addFailed'), text: errorWords(error) }}
    >
      <div>
        <Select
          label={t('kind')}
          options={KINDS.map(id => ({ id, label: t(`kind.${id}`) }))}
          value={draft.kind}
          onChange={kind => change({ kind })}
        />
        <p className={cx(s.dim)}>{t(`about.${draft.kind}`)}</p>
      </div>
      {draft.kind === 'address' ? <WebAddress {...fields} /> : null}
      {draft.kind === 'file' ? <LocalFile {...fields} /> : null}
      {draft.kind === 'machine' ? <Machine {...fields} machines={machines} /> : null}
      <TextField
        label={t('imageName')}
        value={draft.name}
        onChange={name => change({ name })}
        description={usual === '' ? null : t('imageNameHint', { name: usual })}
      />
      <Select
        label={t('system')}
        options={[{ id: '', label: t('systemUnknown') }, ...systems]}
        value={draft.osId}
        onChange={osId => change({ osId })}
      />
    </FormDialog>
  )
}
