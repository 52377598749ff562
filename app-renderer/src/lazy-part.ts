/** Parts of the window that are not needed to paint the list: fetched when somebody looks, or when nothing else is to do. */

const loads: (() => Promise<unknown>)[] = []

/** Makes a loader for React's `lazy` known to `fetchParts`. */
export const part = <Module>(load: () => Promise<Module>): (() => Promise<Module>) => {
  loads.push(load)
  return load
}

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
  for (const load of loads) {
    await idle()
    // Not to be had now: asked for again, with its error shown, when somebody looks.
    await load().catch(() => undefined)
  }
}
