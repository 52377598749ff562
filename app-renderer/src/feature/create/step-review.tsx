import type { AppError, CreatePlan, PlannedFile } from '@vireo/app-main/contract'
import { useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { Banner, Button, copyToClipboard, cx, Facts, Select, Spinner } from '../../ui/index.ts'
import { errorWords } from '../hosts/error-words.ts'
import { usePlaceName } from '../notices/place.ts'
import { CopiedNote } from './copied-note.tsx'
import s from './create.module.css'
import { fetchable, ImageWork } from './image-work.tsx'
import type { StepProps } from './parts.ts'
import { Summary, useNetworkFacts } from './summary.tsx'
import { useText } from './text.ts'
import type { Asked } from './use-asked.ts'
import { HIDDEN_HASH, usePlan, useSeed } from './use-plan.ts'
import { dispatch } from './wizard-store.ts'
import type { Wrong } from './wrong.ts'

/** What stands before the machine: each leads to its step. */
const Faults = ({ wrong }: { wrong: readonly Wrong[] }) => {
  const t = useText()
  return (
    <div role="alert" className={cx(s.trouble)}>
      <b>{t('wrongBefore')}</b>
      <ul>
        {wrong.map(({ step, field, fault }) => (
          <li key={field}>
            <Button small onPress={() => dispatch({ type: 'go', step })}>
              {t(`step.${step}`)}
            </Button>
            <span>{t(`fault.${fault}`)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const Files = ({ files }: { files: readonly PlannedFile[] }) => {
  const t = useText()
  const format = useFormat()
  return (
    <section className={cx(s.part)}>
      <h3>{t('files')}</h3>
      <ul className={cx(s.files)}>
        {files.map(({ path, kind, bytes, made }) => (
          <li key={path}>
            <b>{t(`file.${kind}`)}</b>
            <bdi className={cx(s.path, 'selectable')}>{path}</bdi>
            <small>{made ? (bytes > 0 ? t('fileSize', { size: format.bytes(bytes) }) : '') : t('fileStays')}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}

const DOCUMENTS = ['domainXml', 'userData', 'metaData', 'networkConfig', 'answerFile', 'commands', 'file'] as const
type DocumentId = (typeof DOCUMENTS)[number]
type Texts = Readonly<Partial<Record<DocumentId, string>>>

const textsOf = ({ domainXml, seed, answerFile, commands, file }: CreatePlan): Texts => ({
  ...(answerFile === undefined ? {} : { answerFile }),
  ...{ domainXml, ...seed, commands: commands.join('\n'), file },
})

const ABOUT: Partial<Record<DocumentId, 'commandsAbout' | 'fileAbout'>> = {
  ...{ commands: 'commandsAbout', file: 'fileAbout' },
}

interface DocumentsProps {
  texts: Texts
  hash: string | null
  /** Who judged the answers of the installer; null: nobody could; absent where there are none. */
  checkedBy?: string | null | undefined
}

const Documents = ({ texts, hash, checkedBy }: DocumentsProps) => {
  const t = useText()
  const there = DOCUMENTS.filter(id => texts[id] !== undefined)
  const [wanted, setWanted] = useState<DocumentId | null>(null)
  const shown = there.find(id => id === wanted) ?? there[0]
  if (shown === undefined) return null
  const words = texts[shown] ?? ''
  const told = hash === null ? words : words.replaceAll(hash, HIDDEN_HASH)
  const about = ABOUT[shown]
  return (
    <section className={cx(s.part)}>
      <div className={cx(s.cardHead)}>
        <h3>{t('documents')}</h3>
        <Select
          label={t('documents')}
          labelHidden
          options={there.map(id => ({ id, label: t(`document.${id}`) }))}
          value={shown}
          onChange={setWanted}
        />
        <Button small look="line" icon="copy" onPress={() => void copyToClipboard(told)}>
          {t('copyDocument')}
        </Button>
      </div>
      {about ? <p className={cx(s.dim)}>{t(about)}</p> : null}
      {shown === 'answerFile' && checkedBy !== undefined ? (
        <p className={cx(s.dim)}>
          {checkedBy === null ? t('answersUnchecked') : t('answersChecked', { by: checkedBy })}
        </p>
      ) : null}
      <pre className={cx(s.document, 'selectable')} tabIndex={0} dir="ltr" aria-label={t(`document.${shown}`)}>
        {told}
      </pre>
    </section>
  )
}

/** What can be said while the image is not here. */
const Preview = (props: StepProps) => {
  const { draft, around, faulty } = props
  const { value } = useSeed(draft, around, faulty, draft.cloudInit && !around.readOnly)
  return (
    <>
      <Summary {...props} />
      {value?.seed ? <Documents texts={value.seed} hash={draft.passwordHash} /> : null}
    </>
  )
}

const Plan = ({ plan, props, again }: { plan: CreatePlan; props: StepProps; again: () => void }) => {
  const t = useText()
  const format = useFormat()
  const placeName = usePlaceName()
  const network = useNetworkFacts(props)
  const figures = {
    cpus: t('part.cpus', { count: plan.cpus }),
    memory: format.bytes(plan.memoryBytes),
  }
  const facts = [
    { term: t('name'), value: <bdi>{plan.name}</bdi> },
    { term: t('hostname'), value: <bdi>{plan.hostname}</bdi> },
    { term: t('on'), value: placeName(plan.connection) },
    { term: t('step.resources'), value: t(plan.accelerated ? 'accelerated' : 'emulatedShort', figures) },
    { term: t('firmware'), value: t(`firmware.${plan.firmware}`) },
    ...network,
    ...(plan.seed ? [{ term: t('loginAs'), value: <bdi>{plan.user ?? t('loginNobody')}</bdi> }] : []),
  ]
  return (
    <>
      {plan.warnings.length > 0 ? (
        <Banner tone="pause" title={t('warnings')}>
          <ul className={cx(s.warnings)}>
            {plan.warnings.map(words => (
              <li key={words}>
                <bdi>{words}</bdi>
              </li>
            ))}
          </ul>
        </Banner>
      ) : null}
      <Facts facts={facts} />
      <Files files={plan.files} />
      {plan.copied ? <CopiedNote copied={plan.copied} pool={plan.pool} again={again} /> : null}
      <Documents texts={textsOf(plan)} hash={props.draft.passwordHash} checkedBy={plan.answersCheckedBy} />
    </>
  )
}

interface TroubleProps {
  error: AppError
  props: StepProps
  again: () => void
}

const Trouble = ({ error, props, again }: TroubleProps) => {
  const t = useText()
  const { source } = props.draft
  // What has to be fetched can be fetched from here; other sources are what they are.
  if (error.kind === 'precondition' && fetchable(source))
    return (
      <>
        <Banner tone="info" title={error.message}>
          {t('notHere')}
        </Banner>
        <ImageWork source={source} />
        <Preview {...props} />
      </>
    )
  return (
    <div role="alert" className={cx(s.trouble, 'selectable')}>
      <b>{t('planFailed')}</b>
      <bdi>{errorWords(error)}</bdi>
      {'issues' in error ? error.issues?.map(issue => <bdi key={issue}>{issue}</bdi>) : null}
      <div>
        <Button small look="line" onPress={again}>
          {t('retry')}
        </Button>
      </div>
    </div>
  )
}

const Outcome = ({ planned, props }: { planned: Asked<CreatePlan>; props: StepProps }) => {
  const t = useText()
  const { value: plan, error, looking } = planned
  if (plan) return <Plan plan={plan} props={props} again={planned.again} />
  if (error && !looking) return <Trouble error={error} props={props} again={planned.again} />
  return (
    <p role="status" className={cx(s.line)}>
      <Spinner />
      <span>{t('planning')}</span>
    </p>
  )
}

/** What will be made, before anything is. */
export const ReviewStep = (props: StepProps & { wrong: readonly Wrong[] }) => {
  const { wrong, draft, around } = props
  const planned = usePlan(draft, around, wrong.length === 0 && !around.readOnly)
  const fetched = around.offers.value
  const { again, error } = planned
  // An image that came in the meantime changes the answer.
  const [seen, setSeen] = useState(fetched)
  if (seen !== fetched) {
    setSeen(fetched)
    if (error) again()
  }
  if (wrong.length > 0) return <Faults wrong={wrong} />
  return <Outcome planned={planned} props={props} />
}
