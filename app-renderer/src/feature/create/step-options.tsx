import { cx, Select, Switch, TextArea, TextField } from '../../ui/index.ts'
import { errorWords } from '../hosts/error-words.ts'
import s from './create.module.css'
import type { StepProps } from './parts.ts'
import { useText } from './text.ts'
import { usePlan } from './use-plan.ts'

const FIRMWARES = ['auto', 'bios', 'uefi', 'secure-boot'] as const
const AGENTS = ['auto', 'yes', 'no'] as const

const Hardware = ({ draft, around, change }: StepProps) => {
  const t = useText()
  const host = around.options.value
  const possible = FIRMWARES.filter(
    id => id === 'auto' || id === draft.firmware || !host || host.firmwares.includes(id),
  )
  return (
    <section className={cx(s.part)}>
      <h3>{t('hardware')}</h3>
      <Select
        label={t('firmware')}
        options={possible.map(id => ({ id, label: t(`firmware.${id}`) }))}
        value={draft.firmware}
        onChange={firmware => change({ firmware })}
      />
      <Switch
        label={t('tpm')}
        on={draft.tpm}
        onChange={tpm => change({ tpm })}
        reason={host && !host.tpm && !draft.tpm ? t('tpmMissing') : null}
      />
      <Switch label={t('desktop')} on={draft.desktop} onChange={desktop => change({ desktop })} />
      <Switch label={t('start')} on={draft.start} onChange={start => change({ start })} />
      <Switch label={t('autostart')} on={draft.autostart} onChange={autostart => change({ autostart })} />
    </section>
  )
}

/** The service reads it while one types, as far as the rest can be planned. */
const UserData = ({ draft, around, change, errorOf }: StepProps) => {
  const t = useText()
  const wanted = draft.userData.trim() !== '' && errorOf('userData') === null && !around.readOnly
  const { plan, error, looking } = usePlan(draft, around, wanted)
  const refusal = wanted && !looking && error?.kind === 'invalid-input' ? error : null
  const issues = refusal && 'issues' in refusal ? (refusal.issues ?? []) : []
  const words = refusal ? [t('userDataRefused'), errorWords(refusal), ...issues].join(' ') : null
  return (
    <>
      <TextArea
        label={t('userData')}
        value={draft.userData}
        onChange={userData => change({ userData })}
        description={t('userDataHint')}
        error={errorOf('userData') ?? words}
        placeholder={t('userDataBegin')}
        rows={6}
        mono
      />
      {wanted && plan && !looking ? (
        <p role="status" className={cx(s.fine)}>
          {t('userDataFine')}
        </p>
      ) : null}
    </>
  )
}

const FirstStart = (props: StepProps) => {
  const t = useText()
  const { draft, change } = props
  return (
    <section className={cx(s.part)}>
      <h3>{t('firstStart')}</h3>
      <Switch label={t('qemuAgent')} on={draft.qemuAgent} onChange={qemuAgent => change({ qemuAgent })} />
      <Select
        label={t('vireoAgent')}
        options={AGENTS.map(id => ({ id, label: t(`vireoAgent.${id}`) }))}
        value={draft.vireoAgent}
        onChange={vireoAgent => change({ vireoAgent })}
      />
      <TextField
        label={t('packages')}
        value={draft.packages}
        onChange={packages => change({ packages })}
        description={t('packagesHint')}
        mono
      />
      <TextArea
        label={t('commands')}
        value={draft.commands}
        onChange={commands => change({ commands })}
        description={t('commandsHint')}
        mono
      />
      <UserData {...props} />
    </section>
  )
}

export const OptionsStep = (props: StepProps) => {
  const t = useText()
  const { draft, change, errorOf } = props
  return (
    <>
      <Hardware {...props} />
      {draft.cloudInit ? <FirstStart {...props} /> : null}
      <section className={cx(s.part)}>
        <h3>{t('about')}</h3>
        <TextField
          label={t('tags')}
          value={draft.tags}
          onChange={tags => change({ tags })}
          description={t('tagsHint')}
          error={errorOf('tags')}
        />
        <TextArea label={t('notes')} value={draft.notes} onChange={notes => change({ notes })} />
      </section>
    </>
  )
}
