import type { AppError, DomainId } from '@vireo/app-main/contract'
import { type RefObject, useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { readPicture } from './read-picture.ts'

/** Milliseconds between the end of one picture and the next request. */
const PAUSE = 3000
/** Milliseconds for which a picture outlives its place on screen. */
const KEPT = 10_000

export interface LivePicture {
  /** An object URL, null until the first picture came. */
  readonly url: string | null
  readonly error: AppError | null
}

/** The machine's screen as a picture that renews itself while `element` can be seen; nothing is asked for otherwise. */
export const useLivePicture = (id: DomainId, on: boolean, element: RefObject<Element | null>): LivePicture => {
  const client = useClient()
  const [picture, setPicture] = useState<LivePicture>({ url: null, error: null })
  useEffect(() => {
    const target = element.current
    if (!on || !target) return undefined
    let current = true
    const stop = whileVisible(target, PAUSE, async () => {
      try {
        const blob = await readPicture(await client.domain.screenshot({ id }))
        if (current) setPicture({ url: URL.createObjectURL(blob), error: null })
      } catch (thrown) {
        if (current) setPicture(known => ({ ...known, error: appErrorOf(thrown) }))
      }
    })
    return () => {
      current = false
      stop()
      setPicture({ url: null, error: null })
    }
  }, [client, id, on, element])
  const { url } = picture
  useEffect(() => {
    if (url === null) return undefined
    // An image that is still loading when the next one comes must find what it was promised.
    return () => void setTimeout(() => URL.revokeObjectURL(url), KEPT)
  }, [url])
  return picture
}

/** Repeats `work` while the element and the window can be seen; gives the disposer. */
const whileVisible = (element: Element, pause: number, work: () => Promise<void>): (() => void) => {
  let inView = false
  let busy = false
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const go = async (): Promise<void> => {
    clearTimeout(timer)
    if (busy || stopped || !inView || document.hidden) return
    busy = true
    await work()
    busy = false
    if (!stopped) timer = setTimeout(() => void go(), pause)
  }
  const observer = new IntersectionObserver(entries => {
    inView = entries.at(-1)?.isIntersecting ?? false
    void go()
  })
  const wake = (): void => void go()
  observer.observe(element)
  document.addEventListener('visibilitychange', wake)
  return () => {
    stopped = true
    clearTimeout(timer)
    observer.disconnect()
    document.removeEventListener('visibilitychange', wake)
  }
}
