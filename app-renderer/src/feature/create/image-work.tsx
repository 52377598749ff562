/** Images on their way: the one that is chosen can be fetched at once, and whatever is under way can be stopped. */
import type { AppError, Task, VireoClient } from '@vireo/app-main/contract'
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useStores, useTasks } from '../../store/hooks.ts'
import { Banner, Button, cx, Progress } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { errorWords } from '../hosts/error-words.ts'
import s from './create.module.css'
import { type Source, sourceWords } from './draft.ts'
import { text, useText } from './text.ts'

/** Whether it comes from elsewhere: of the catalogue, or by its address. */
export const fetchable = (source: Source | null): boolean =>
  source?.kind === 'system' || (source?.kind === 'own' && /^https?:\/\/\S+$/i.test(source.place.trim()))

/** Made here from packages, else fetched: as it comes when the machine is made. */
const bring = async (client: VireoClient, id: string): Promise<unknown> => {
  try {
    return await client.image.build({ id })
  } catch (thrown) {
    if (appErrorOf(thrown).kind !== 'unsupported') throw thrown
    return client.image.fetch({ source: id })
  }
}

/** Fetches or builds the image of a source; undefined where nothing has to be fetched. */
const useFetch = (source: Source | null) => {
  const { client } = useStores()
  const [state, setState] = useState<{ pending: boolean; error: AppError | null }>({ pending: false, error: null })
  if (source === null || !fetchable(source)) return undefined
  const begin = async (): Promise<void> => {
    setState({ pending: true, error: null })
    try {
      if (source.kind === 'system' && source.way === 'build') await client.image.build({ id: source.id })
      else if (source.kind === 'system' && source.way === 'any') await bring(client, source.id)
      else if (source.kind === 'system') await client.image.fetch({ source: source.id, iso: source.way === 'iso' })
      else await client.image.fetch({ source: sourceWords(source) })
      setState({ pending: false, error: null })
    } catch (thrown) {
      setState({ pending: false, error: appErrorOf(thrown) })
    }
  }
  return { ...state, begin }
}

/** It ends while its button has the focus: the place around it has the keys then, not nobody. */
const useKeysKept = (): RefObject<HTMLLIElement | null> => {
  const line = useRef<HTMLLIElement>(null)
  useLayoutEffect(() => {
    const { current } = line
    return () => {
      if (current?.contains(document.activeElement)) current.closest<HTMLElement>('[tabindex="-1"]')?.focus()
    }
  }, [])
  return line
}

const Work = ({ task }: { task: Task }) => {
  const { client } = useStores()
  const t = useText()
  const line = useKeysKept()
  const name = task.targetName ?? ''
  const stop = async (): Promise<void> => {
    try {
      await client.task.cancel({ taskId: task.id })
    } catch (thrown) {
      showFailure(text('stopFailed'), appErrorOf(thrown))
    }
  }
  return (
    <li ref={line} className={cx(s.work)}>
      <div className={cx(s.workWords)}>
        <bdi>{name}</bdi> <small>{task.step}</small>
        <Progress label={name} share={task.progress} />
      </div>
      <Button small look="line" icon="stop" hint={t('stopNamed', { name })} onPress={() => void stop()}>
        {t('stop')}
      </Button>
    </li>
  )
}

/** What is fetched, built and imported at this moment. */
export const RunningImages = ({ label }: { label: string }) => {
  const running = [...useTasks().values()].filter(({ room, state }) => room === 'image' && state === 'running')
  if (running.length === 0) return null
  return (
    <ul className={cx(s.works)} aria-label={label}>
      {running.map(task => (
        <Work key={task.id} task={task} />
      ))}
    </ul>
  )
}

export const ImageWork = ({ source }: { source: Source | null }) => {
  const t = useText()
  const fetching = useFetch(source)
  const tasks = [...useTasks().values()].filter(({ room }) => room === 'image')
  const running = tasks.filter(({ state }) => state === 'running')
  const words = source === null ? null : source.kind === 'system' ? source.id : sourceWords(source)
  const last = tasks.findLast(({ targetName }) => targetName === words)
  const error = fetching?.error ?? (last?.state === 'failed' ? last.error : null)
  const busy = running.some(({ targetName }) => targetName === words)
  return (
    <>
      {error && !busy ? (
        <Banner tone="fail" title={t('fetchFailed')}>
          <bdi>{errorWords(error)}</bdi>
        </Banner>
      ) : null}
      {fetching && !busy ? (
        <div className={cx(s.fetch)}>
          <Button look="line" icon="download" pending={fetching.pending} onPress={() => void fetching.begin()}>
            {t('fetchNow')}
          </Button>
          <span className={cx(s.dim)}>{t('fetchHint')}</span>
        </div>
      ) : null}
      <RunningImages label={t('working')} />
    </>
  )
}
