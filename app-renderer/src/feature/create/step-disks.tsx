import { useCallback } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, Button, CopyText, cx, IconButton, Select, Switch, TextField } from '../../ui/index.ts'
import s from './create.module.css'
import type { Bus, MoreDisk } from './draft.ts'
import type { StepProps } from './parts.ts'
import { OptionsTrouble } from './step-resources.tsx'
import { useText } from './text.ts'
import { useAsked } from './use-asked.ts'
import { dispatch } from './wizard-store.ts'

const BUSES = ['virtio', 'scsi', 'sata'] as const

const BusSelect = ({ value, onChange }: { value: Bus; onChange: (bus: Bus) => void }) => {
  const t = useText()
  const options = BUSES.map(id => ({ id, label: t(`bus.${id}`) }))
  return <Select label={t('bus')} options={options} value={value} onChange={onChange} />
}

const DiskRow = ({ disk, number, error }: { disk: MoreDisk; number: number; error: string | null }) => {
  const t = useText()
  const { key } = disk
  const change = (part: Partial<Omit<MoreDisk, 'key'>>): void => dispatch({ type: 'change-disk', key, part })
  return (
    <div role="group" aria-label={t('diskNumber', { number })} className={cx(s.row)}>
      <TextField
        label={t('diskSize', { number })}
        value={disk.size}
        onChange={size => change({ size })}
        placeholder={t('diskUsual')}
        error={error}
      />
      <BusSelect value={disk.bus} onChange={bus => change({ bus })} />
      <IconButton
        icon="trash"
        label={t('removeDisk', { number })}
        onPress={() => dispatch({ type: 'remove-disk', key })}
      />
    </div>
  )
}

/** No pool is called so. */
const FOLDER = '/'

const Folder = ({ draft, around, change, errorOf }: StepProps) => {
  const t = useText()
  const format = useFormat()
  const client = useClient()
  const { connection } = around
  const folder = draft.folder.trim()
  const ask = useCallback((path: string) => client.create.folder({ connection, path }), [client, connection])
  const { value, error, looking } = useAsked(folder.startsWith('/') && !around.readOnly ? folder : null, ask)
  return (
    <>
      <TextField
        label={t('folder')}
        value={draft.folder}
        onChange={typed => change({ folder: typed })}
        description={
          value && !looking ? t('folderFree', { free: format.bytes(value.availableBytes) }) : t('folderHint')
        }
        error={errorOf('folder')}
        mono
      />
      {error && !looking ? (
        <Banner tone="pause" title={error.message}>
          <bdi>{error.hint}</bdi>
          {'fix' in error && error.fix ? error.fix.map(line => <CopyText key={line} value={line} block />) : null}
        </Banner>
      ) : null}
    </>
  )
}

/** Where the disks lie, with what is free there. */
const Pool = ({ draft, around, change, errorOf }: StepProps) => {
  const t = useText()
  const format = useFormat()
  const pools = around.options.value?.pools ?? []
  const here = around.options.value?.local ?? draft.inFolder
  const gone = draft.pool !== '' && !pools.some(({ name }) => name === draft.pool)
  const error = errorOf('pool')
  if (pools.length === 0 && !gone && !here) return null
  const options = pools.map(({ name, path, availableBytes, active }) => ({
    id: name,
    label: active
      ? t('poolLine', { name, path, free: format.bytes(availableBytes) })
      : t('poolStopped', { name, path }),
  }))
  return (
    <div>
      <Select
        label={t('pool')}
        options={[
          { id: '', label: t('poolUsual') },
          ...options,
          // It stays to be seen until another one is chosen.
          ...(here ? [{ id: FOLDER, label: t('poolFolder') }] : []),
          ...(gone ? [{ id: draft.pool, label: draft.pool }] : []),
        ]}
        value={draft.inFolder ? FOLDER : draft.pool}
        onChange={pool => change(pool === FOLDER ? { inFolder: true } : { inFolder: false, pool })}
      />
      {error ? (
        <p role="alert" className={cx(s.error)}>
          {error}
        </p>
      ) : null}
    </div>
  )
}

export const DisksStep = (props: StepProps) => {
  const t = useText()
  const { draft, around, change, errorOf } = props
  return (
    <>
      <OptionsTrouble options={around.options} />
      <div className={cx(s.pair)}>
        <TextField
          label={t('disk')}
          value={draft.disk}
          onChange={disk => change({ disk })}
          placeholder={t('diskUsual')}
          description={t('diskHint')}
          error={errorOf('disk')}
        />
        <BusSelect value={draft.bus} onChange={bus => change({ bus })} />
      </div>
      {draft.disks.length > 0 ? <h3>{t('moreDisks')}</h3> : null}
      {draft.disks.map((disk, at) => (
        <DiskRow key={disk.key} disk={disk} number={at + 2} error={errorOf(`disk:${disk.key}`)} />
      ))}
      <div>
        <Button look="line" icon="plus" small onPress={() => dispatch({ type: 'add-disk' })}>
          {t('addDisk')}
        </Button>
      </div>
      <Pool {...props} />
      {draft.inFolder ? <Folder {...props} /> : null}
      <Switch label={t('discard')} on={draft.discard} onChange={discard => change({ discard })} />
    </>
  )
}
