import { parseSize } from '@vireo/app-main/contract'
import { useFormat } from '../../i18n/format.ts'
import { Banner, Button, cx, Select, TextField } from '../../ui/index.ts'
import { errorWords } from '../hosts/error-words.ts'
import s from './create.module.css'
import type { StepProps } from './parts.ts'
import { chosenOffer } from './sources.ts'
import { useText } from './text.ts'
import type { Around } from './use-around.ts'

const MEBIBYTE = 2 ** 20

const ACCELERATORS = ['auto', 'kvm', 'emulation'] as const

export const OptionsTrouble = ({ options }: Pick<Around, 'options'>) => {
  const t = useText()
  if (!options.error) return null
  return (
    <Banner
      tone="pause"
      title={t('optionsFailed')}
      actions={
        <Button small onPress={options.again}>
          {t('retry')}
        </Button>
      }
    >
      <bdi>{errorWords(options.error)}</bdi>
    </Banner>
  )
}

/** What the image's makers ask for. */
const Minimum = ({ draft, around }: StepProps) => {
  const t = useText()
  const format = useFormat()
  const offer = around.offers.value ? chosenOffer(around.offers.value, draft.source) : null
  const minimum = offer?.entry?.minimum
  if (!minimum) return null
  const memory = format.bytes(minimum.memoryMiB * MEBIBYTE)
  const disk = format.bytes(minimum.diskGiB * 1024 * MEBIBYTE)
  return <p className={cx(s.dim)}>{t('minimum', { name: offer.name, memory, disk })}</p>
}

/** How much of the host it gets. */
export const ResourcesStep = (props: StepProps) => {
  const t = useText()
  const format = useFormat()
  const { draft, around, change, errorOf } = props
  const host = around.options.value
  const { usage } = around
  const wanted = parseSize(draft.memory) ?? 0
  const over = host !== null && wanted > host.memoryBytes
  const tight = host !== null && wanted > (host.availableMemoryBytes ?? host.memoryBytes)
  return (
    <>
      <OptionsTrouble options={around.options} />
      <div className={cx(s.pair)}>
        <TextField
          label={t('cpus')}
          value={draft.cpus}
          onChange={cpus => change({ cpus })}
          placeholder={t('cpusUsual')}
          description={
            host ? t('cpusHint', { cpus: format.number(host.cpus), used: format.number(usage.vcpus) }) : null
          }
          error={errorOf('cpus')}
        />
        <TextField
          label={t('memory')}
          value={draft.memory}
          onChange={memory => change({ memory })}
          placeholder={t('memoryUsual')}
          description={
            host
              ? t(host.availableMemoryBytes === null ? 'memoryHint' : 'memoryFreeHint', {
                  ...{ total: format.bytes(host.memoryBytes), used: format.bytes(usage.memoryBytes) },
                  free: format.bytes(host.availableMemoryBytes ?? 0),
                })
              : null
          }
          error={errorOf('memory')}
        />
      </div>
      <Minimum {...props} />
      {over || tight ? (
        <p role="status" className={cx(s.warn)}>
          {t(over ? 'overMemory' : 'tightMemory')}
        </p>
      ) : null}
      <Select
        label={t('accelerator')}
        options={ACCELERATORS.map(id => ({ id, label: t(`accelerator.${id}`) }))}
        value={draft.accelerator}
        onChange={accelerator => change({ accelerator })}
      />
      {host?.accelerated === false && draft.accelerator !== 'kvm' ? <p className={cx(s.dim)}>{t('emulated')}</p> : null}
    </>
  )
}
