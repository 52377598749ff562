import type { ConnectionUri } from '@vireo/app-main/contract'
import { type FormEvent, useEffect, useMemo, useRef } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useConnections, useOnline, useStores } from '../../store/hooks.ts'
import { Banner, Button, cx, Dialog, Icon } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import s from './create.module.css'
import { type Draft, type Step, STEPS } from './draft.ts'
import { faultFinder, type StepProps } from './parts.ts'
import { createPlaces } from './places.ts'
import { RunView } from './run-view.tsx'
import { chosenOffer } from './sources.ts'
import { DisksStep } from './step-disks.tsx'
import { IdentityStep } from './step-identity.tsx'
import { NetworkStep } from './step-network.tsx'
import { OptionsStep } from './step-options.tsx'
import { ResourcesStep } from './step-resources.tsx'
import { ReviewStep } from './step-review.tsx'
import { SourceStep } from './step-source.tsx'
import { Summary } from './summary.tsx'
import { text, useText } from './text.ts'
import { type Around, useAround, useFirstOffer } from './use-around.ts'
import { useBegin } from './use-run.ts'
import { dispatch, useWizard } from './wizard-store.ts'
import { type Wrong, wrongWith } from './wrong.ts'

/** Makes a machine, step by step or by one Enter. */
export const CreateDialog = () => {
  const t = useText()
  const { ui } = useStores()
  const connections = useConnections()
  const places = useMemo(() => createPlaces(connections.values()), [connections])
  const run = useWizard(state => state.run)
  const close = (): void => ui.state.setState({ dialog: null })
  const [first] = places
  if (run) return <RunView run={run} onClose={close} />
  if (first !== undefined) return <Form places={places} first={first} onClose={close} />
  const toHosts = (): void => {
    close()
    ui.go({ room: 'hosts' })
  }
  return (
    <Dialog
      title={t('noneTitle')}
      onClose={close}
      footer={
        <Button look="solid" onPress={toHosts}>
          {t('toHosts')}
        </Button>
      }
    >
      <p>{t('none')}</p>
    </Dialog>
  )
}

interface StepsProps {
  step: Step
  wrong: readonly Wrong[]
  left: ReadonlySet<Step>
}

const Steps = ({ step, wrong, left }: StepsProps) => {
  const t = useText()
  const isWrong = (id: Step): boolean => wrong.some(one => one.step === id)
  return (
    <nav aria-label={t('steps')} className={cx(s.steps)}>
      <ol>
        {STEPS.map((id, at) => (
          <li key={id}>
            <button
              type="button"
              className={cx(s.stepButton)}
              {...(id === step ? { 'aria-current': 'step' } : {})}
              onClick={() => dispatch({ type: 'go', step: id })}
            >
              <i className={cx(s.number, left.has(id) && !isWrong(id) ? s.done : null)} aria-hidden>
                {at + 1}
              </i>
              <span>{t(`step.${id}`)}</span>
              {isWrong(id) ? <Icon name="warn" size={13} title={t('stepWrong')} /> : null}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

const PARTS: Readonly<Record<Exclude<Step, 'review'>, (props: StepProps) => React.ReactNode>> = {
  source: SourceStep,
  identity: IdentityStep,
  resources: ResourcesStep,
  disks: DisksStep,
  network: NetworkStep,
  options: OptionsStep,
}

const Locked = ({ connection }: { connection: ConnectionUri }) => {
  const t = useText()
  const { client } = useStores()
  const unlock = async (): Promise<void> => {
    try {
      await client.connection.unlock({ uri: connection })
    } catch (thrown) {
      showFailure(text('unlockFailed'), appErrorOf(thrown))
    }
  }
  return (
    <Banner
      tone="pause"
      title={t('locked')}
      actions={
        <Button small look="line" icon="unlock" onPress={() => void unlock()}>
          {t('unlock')}
        </Button>
      }
    />
  )
}

/** The keyboard goes to the first field of a step; in the review the button takes it. */
const useFirstField = (step: Step, ready: boolean) => {
  const body = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const field =
      body.current?.querySelector<HTMLElement>('input[type=radio]:checked') ??
      body.current?.querySelector<HTMLElement>('input, textarea, button')
    if (ready) (field ?? body.current)?.focus()
  }, [step, ready])
  return body
}

const useWrong = (around: Around): readonly Wrong[] => {
  const draft = useWizard(state => state.draft)
  const { taken, half, options, offers } = around
  return useMemo(() => {
    const image = offers.value ? (chosenOffer(offers.value, draft.source)?.image ?? null) : null
    const leastDisk = image === null || image.format === 'iso' ? 0 : image.bytes
    return wrongWith(draft, { taken, half, options: options.value, leastDisk })
  }, [draft, taken, half, options.value, offers.value])
}

interface FormProps {
  places: readonly ConnectionUri[]
  first: ConnectionUri
  onClose: () => void
}

const Form = ({ places, first, onClose }: FormProps) => {
  const t = useText()
  const online = useOnline()
  const around = useAround(places, first)
  useFirstOffer(around)
  const { step, draft, left } = useWizard()
  const begin = useBegin(around)
  const wrong = useWrong(around)
  const told = wrong.filter(one => left.has(one.step))
  const body = useFirstField(step, step === 'source' ? draft.source !== null : step !== 'review')
  const makes = step === 'source' || step === 'review'
  const make = (): void => {
    const fault = wrong.find(one => one.step !== 'source') ?? wrong[0]
    if (fault) dispatch({ type: 'show-all', step: fault.step })
    else if (online && !around.readOnly) void begin()
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (makes) make()
    else dispatch({ type: 'turn', by: 1 })
  }
  const Part = step === 'review' ? null : PARTS[step]
  const props = {
    ...{ draft, around },
    change: (part: Partial<Draft>) => dispatch({ type: 'change', part }),
    errorOf: faultFinder(told),
    faulty: new Set(wrong.map(({ field }) => field)),
  }
  return (
    <Dialog
      title={t('title')}
      size="xl"
      onClose={onClose}
      footer={<Buttons step={step} reason={whyNot(online, around, t)} onMake={make} onClose={onClose} />}
    >
      <form className={cx(s.wizard)} onSubmit={submit}>
        <Steps step={step} wrong={told} left={left} />
        <div ref={body} className={cx(s.body)} role="group" aria-label={t(`step.${step}`)} tabIndex={-1}>
          {around.readOnly ? <Locked connection={around.connection} /> : null}
          {Part ? <Part {...props} /> : <ReviewStep {...props} wrong={wrong} />}
        </div>
        {step === 'review' ? null : <Summary {...props} />}
        <button type="submit" hidden aria-hidden />
      </form>
    </Dialog>
  )
}

const whyNot = (online: boolean, { readOnly }: Around, t: ReturnType<typeof useText>): string | null =>
  online ? (readOnly ? t('locked') : null) : t('offline')

interface ButtonsProps {
  step: Step
  reason: string | null
  onMake: () => void
  onClose: () => void
}

const Buttons = ({ step, reason, onMake, onClose }: ButtonsProps) => {
  const t = useText()
  const turn = (by: 1 | -1) => () => dispatch({ type: 'turn', by })
  const first = step === 'source'
  const last = step === 'review'
  return (
    <>
      <Button onPress={() => dispatch({ type: 'reset' })}>{t('startOver')}</Button>
      <Button look="line" onPress={first ? onClose : turn(-1)}>
        {t(first ? 'cancel' : 'back')}
      </Button>
      {last ? null : (
        <Button look={first ? 'line' : 'solid'} onPress={turn(1)}>
          {t('next')}
        </Button>
      )}
      {first || last ? (
        <Button
          key={step}
          look="solid"
          kbd={first ? t('enterKey') : undefined}
          reason={reason}
          onPress={onMake}
          autoFocus={last}
        >
          {t(first ? 'createNow' : 'create')}
        </Button>
      ) : null}
    </>
  )
}
