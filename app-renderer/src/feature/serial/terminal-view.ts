import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { WebglAddon } from '@xterm/addon-webgl'
import { type ITheme, Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { hasGraphicsCard } from './graphics-card.ts'
import { text } from './text.ts'

/** Lines kept above the visible ones. */
const SCROLL_BACK = 10_000
/** Matches that are counted and marked. */
export const MOST_MATCHES = 1000

export interface TerminalHooks {
  /** What is typed or pasted, and the terminal's answers to the guest's questions. */
  onInput(bytes: Uint8Array): void
  /** A person clicked a link that the guest drew. */
  onLink(url: string): void
  onMatches(matches: { at: number; count: number }): void
  /** Keys of the terminal itself; everything else is the guest's. True when it was one. */
  onKey(event: KeyboardEvent): boolean
}

/** The colours come from the design's tokens. */
const themeOf = (element: Element): ITheme => {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  return {
    background: token('--console'),
    foreground: token('--console-ink'),
    cursor: token('--console-ink'),
    cursorAccent: token('--console'),
    selectionBackground: token('--console-selection'),
  }
}

const encoder = new TextEncoder()

/**
 * xterm.js with the few doors that a hostile guest must not find open: no title, no clipboard, no window reports, no link
 * without a question. Clipboard (OSC 52) and window manipulation are off in xterm.js unless somebody turns them on.
 */
export class TerminalView {
  readonly terminal: Terminal
  readonly #fit = new FitAddon()
  readonly #search = new SearchAddon({ highlightLimit: MOST_MATCHES })
  #webgl: WebglAddon | null = null
  /** The browser refused WebGL: not asked again. */
  #refused = false

  constructor(element: HTMLElement, fontSize: number, hooks: TerminalHooks) {
    this.terminal = new Terminal({
      scrollback: SCROLL_BACK,
      fontSize,
      fontFamily: getComputedStyle(element).getPropertyValue('--font-mono').trim(),
      theme: themeOf(element),
      linkHandler: { activate: (_, url) => hooks.onLink(url) },
      // Search marks its matches with decorations.
      allowProposedApi: true,
      minimumContrastRatio: 4.5,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    })
    const { terminal } = this
    terminal.loadAddon(this.#fit)
    terminal.loadAddon(this.#search)
    terminal.attachCustomKeyEventHandler(event => !hooks.onKey(event))
    terminal.onData(typed => hooks.onInput(encoder.encode(typed)))
    terminal.onBinary(typed => hooks.onInput(Uint8Array.from(typed, character => character.charCodeAt(0))))
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      hooks.onMatches({ at: resultIndex + 1, count: resultCount }),
    )
    Terminal.strings.promptLabel = text('input')
    Terminal.strings.tooMuchOutput = text('tooMuchOutput')
    terminal.open(element)
    this.fit()
  }

  write(bytes: Uint8Array, parsed: () => void): void {
    this.terminal.write(bytes, parsed)
  }

  fit(): void {
    const size = this.#fit.proposeDimensions()
    // Hidden elements have no size; fitting to that would throw the scroll-back's line breaks away.
    if (size && size.cols > 1 && size.rows > 1) this.terminal.resize(size.cols, size.rows)
  }

  setFontSize(pixels: number): void {
    this.terminal.options.fontSize = pixels
    this.fit()
  }

  /** Whether screen readers are told what comes; off unless asked for, because it costs speed. */
  get readsAloud(): boolean {
    return this.terminal.options.screenReaderMode === true
  }

  toggleReader(): void {
    this.terminal.options.screenReaderMode = !this.readsAloud
  }

  /** WebGL contexts are few and cost memory: only the console in use has one. */
  setFocused(focused: boolean): void {
    if (!focused) return this.#dropWebgl()
    if (this.#webgl || this.#refused || !hasGraphicsCard()) return
    const webgl = new WebglAddon()
    try {
      this.terminal.loadAddon(webgl)
      webgl.onContextLoss(() => this.#dropWebgl())
      this.#webgl = webgl
    } catch {
      // No WebGL here (a virtual display, a blocked driver): the DOM renderer does the same, slower.
      this.#refused = true
      webgl.dispose()
    }
  }

  find(term: string, direction: 'next' | 'previous', incremental: boolean): void {
    const style = getComputedStyle(document.documentElement)
    const token = (name: string): string => style.getPropertyValue(name).trim()
    const decorations = {
      matchBackground: token('--match'),
      matchOverviewRuler: token('--match'),
      activeMatchBackground: token('--match-active'),
      activeMatchColorOverviewRuler: token('--match-active'),
    }
    if (direction === 'next') this.#search.findNext(term, { incremental, decorations })
    else this.#search.findPrevious(term, { decorations })
  }

  endFind(): void {
    this.#search.clearDecorations()
    this.terminal.clearSelection()
  }

  /** Everything that is remembered, as text without colours; wrapped lines are one line. */
  text(): string {
    const buffer = this.terminal.buffer.normal
    const lines: string[] = []
    for (let at = 0; at < buffer.length; at++) {
      const line = buffer.getLine(at)
      if (!line) continue
      const next = buffer.getLine(at + 1)
      // A line that goes on keeps the spaces at its end.
      const content = line.translateToString(!next?.isWrapped)
      if (line.isWrapped && lines.length > 0) lines[lines.length - 1] += content
      else lines.push(content)
    }
    while (lines.at(-1) === '') lines.pop()
    return lines.length > 0 ? `${lines.join('\n')}\n` : ''
  }

  dispose(): void {
    this.#dropWebgl()
    this.terminal.dispose()
  }

  #dropWebgl(): void {
    this.#webgl?.dispose()
    this.#webgl = null
  }
}
