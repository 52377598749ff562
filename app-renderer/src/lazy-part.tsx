/** Parts of the window that are not needed to paint the list: fetched when somebody looks, or when nothing else is to do. */
import { type ComponentType, use } from 'react'

const fetches: (() => Promise<unknown>)[] = []
const renewals: (() => void)[] = []

/**
 * A component that is fetched when it is first shown, below a `Suspense`. A fetch that failed is thrown, and stays failed
 * until `renewParts`: React's own `lazy` would keep it for ever.
 */
export const part = <Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> => {
  let Loaded: ComponentType<Props> | undefined
  let shown: Promise<ComponentType<Props>> | undefined
  let failed = false
  const fetch = async (): Promise<ComponentType<Props>> => (Loaded = await load())
  const show = (): Promise<ComponentType<Props>> => {
    const attempt = fetch()
    attempt.catch(() => (failed = true))
    return attempt
  }
  fetches.push(fetch)
  renewals.push(() => {
    if (failed) shown = undefined
    failed = false
  })
  const Part = (props: Props) => {
    // What is here already is painted at once.
    const Own = Loaded ?? use((shown ??= show()))
    return <Own {...props} />
  }
  return Part
}

/** Lets parts that could not be fetched be asked for again, the next time they are shown. */
export const renewParts = (): void => renewals.forEach(renew => renew())

const idle = (): Promise<void> =>
  new Promise(resolve => {
    // WebKit's browsers have no idle callbacks.
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: 10_000 })
    else setTimeout(resolve, 200)
  })

/**
 * Fetches every part, one at a time and while the window rests: what is here still opens when the server has gone, or has
 * come back as another version whose files are named otherwise.
 */
export const fetchParts = async (): Promise<void> => {
  // Parts that name further parts add them to this list while it is walked.
  for (const fetch of fetches) {
    await idle()
    // Not to be had now: asked for again, with its error shown, when somebody looks.
    await fetch().catch(() => undefined)
  }
}
