/** A real Chromium, and what it is asked from inside the page. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from '@playwright/test'

/** The distribution's own browser: Playwright's would be a download. */
export const installedBrowser = (): string => {
  const found = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
    .flatMap(name => (process.env.PATH ?? '').split(':').map(folder => join(folder, name)))
    .find(existsSync)
  if (found === undefined) throw new Error('no Chromium is installed')
  return found
}

const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update']

export const launchBrowser = async (...args: readonly string[]): Promise<Browser> =>
  chromium.launch({
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...quiet, '--disable-sync', '--disable-gpu', ...args],
    executablePath: installedBrowser(),
  })

export interface PageBench {
  /** Epoch milliseconds of the first paint with a machine in the list; 0 before. */
  listed: number
  /** Resolves after the paint that follows the next change of the text of `selector`, with epoch milliseconds; rejects after 30 s. */
  repainted: Promise<number> | undefined
  expectRepaint(selector: string): void
  /** Milliseconds from each key to the paint of the list it changed; keys that changed nothing are left out. */
  keys: number[]
}

declare global {
  interface Window {
    bench: PageBench
  }
}

/** Runs in the page before its own code. It must stand by itself: the page has nothing of this file. */
export const watchPage = (): void => {
  const now = () => performance.timeOrigin + performance.now()
  // The frame's own task ends with the paint; a message posted in it is delivered after that.
  const afterPaint = (then: () => void) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = then
      port2.postMessage(0)
    })
  const observe = (target: Node, check: () => boolean): MutationObserver => {
    const observer = new MutationObserver(() => check() && observer.disconnect())
    observer.observe(target, { subtree: true, childList: true, characterData: true, attributes: true })
    return observer
  }
  const bench: PageBench = {
    listed: 0,
    repainted: undefined,
    keys: [],
    expectRepaint(selector) {
      const text = () => document.querySelector(selector)?.textContent
      const before = text()
      bench.repainted = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`no change of ${selector} within 30 s`)), 30_000)
        observe(document.body, () => {
          if (text() === before) return false
          afterPaint(() => resolve(now()))
          return true
        })
      })
    },
  }
  window.bench = bench
  observe(document, () => {
    if (!document.querySelector('[role=row][data-id]')) return false
    afterPaint(() => (bench.listed = now()))
    return true
  })
  let lastKey: MutationObserver | undefined
  const rowCount = () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')
  window.addEventListener(
    'keydown',
    event => {
      const before = rowCount()
      const start = event.timeStamp
      // What changes from now on is this key's doing.
      lastKey?.disconnect()
      lastKey = observe(document.body, () => {
        if (rowCount() === before) return false
        afterPaint(() => bench.keys.push(performance.now() - start))
        return true
      })
    },
    { capture: true },
  )
}

/** Milliseconds to add to this process's epoch time to get the page's. */
export const clockOffset = async (page: Page): Promise<number> => {
  let best = { travel: Number.POSITIVE_INFINITY, offset: 0 }
  for (let turn = 0; turn < 20; turn++) {
    const sent = epochNow()
    const there = await page.evaluate(() => performance.timeOrigin + performance.now())
    const travel = epochNow() - sent
    if (travel < best.travel) best = { travel, offset: there - sent - travel / 2 }
  }
  return best.offset
}

/** Epoch milliseconds with fractions. */
export const epochNow = (): number => performance.timeOrigin + performance.now()
