/** One command in a guest: its output as it comes, bounded, and how it ended. */
import {
  type AppError,
  type ByteStream,
  type DomainId,
  encodeExecFrame,
  type ExecMethod,
  type ExecResult,
  execFrameReader,
} from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { appErrorOf } from '../../store/app-error.ts'

export interface Piece {
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export interface RunState {
  readonly pieces: readonly Piece[]
  /** Characters at the beginning were dropped. */
  readonly cut: boolean
  readonly result: ExecResult | null
  readonly error: AppError | null
  readonly cancelled: boolean
  readonly done: boolean
}

export interface CommandRun {
  readonly key: number
  readonly command: string
  readonly user: string
  readonly method: Method
  readonly state: StoreApi<RunState>
  cancel(): void
}

/** The way into the guest. */
export type Method = ExecMethod | 'auto'

export interface Asked {
  readonly command: string
  /** Empty: whoever the way in makes of us. */
  readonly user: string
  readonly method: Method
}

interface RunSpec extends Asked {
  readonly id: DomainId
}

/** What opens the stream: the client's `guest.exec`. */
type Open = (input: {
  id: DomainId
  spec: { shell: string; user?: string; timeoutSeconds: number; maxOutputBytes: number }
  method: Method
}) => Promise<ByteStream>

/** Characters kept of one command's output. */
export const KEPT = 200_000
/** Output and errors that take turns at each letter would fill the page with elements. */
export const KEPT_PIECES = 2000
const HOUR_SECONDS = 3600
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

let lastKey = 0

// Colours and cursor movements mean nothing in a list of lines; what is left of them is shown as text, never obeyed.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g

/** What is left of a line after the returns in it; those just before its end belong to the end. Patterns would look through long lines again and again. */
const afterReturns = (line: string, ended: boolean): string => {
  let end = line.length
  while (ended && line[end - 1] === '\r') end--
  const whole = line.slice(0, end)
  return whole.slice(whole.lastIndexOf('\r') + 1)
}

/** A guest's output as harmless text: escapes are dropped, a lone return starts its line again. */
export const readable = (text: string): string =>
  text
    .replace(ESCAPES, '')
    .replace(CONTROLS, '\ufffd')
    .split('\n')
    .map((line, at, lines) => afterReturns(line, at < lines.length - 1))
    .join('\n')

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, piece) => sum + piece.text.length, 0)

const append = (state: RunState, stream: Piece['stream'], text: string): RunState => {
  const last = state.pieces.at(-1)
  const pieces =
    last?.stream === stream
      ? [...state.pieces.slice(0, -1), { stream, text: last.text + text }]
      : [...state.pieces, { stream, text }]
  let excess = lengthOf(pieces) - KEPT
  if (excess <= 0 && pieces.length <= KEPT_PIECES) return { ...state, pieces }
  const kept: Piece[] = []
  for (const piece of pieces) {
    if (excess < piece.text.length) kept.push(excess > 0 ? { ...piece, text: piece.text.slice(excess) } : piece)
    excess -= piece.text.length
  }
  return { ...state, pieces: kept.slice(-KEPT_PIECES), cut: true }
}

export const runCommand = (open: Open, { id, command, user, method }: RunSpec): CommandRun => {
  const state = createStore<RunState>(() => ({
    ...{ pieces: [], cut: false, result: null, error: null, cancelled: false, done: false },
  }))
  let stream: ByteStream | undefined
  const cancel = (): void => {
    if (state.getState().done) return
    state.setState({ cancelled: true, done: true })
    stream?.close()
  }
  void (async () => {
    try {
      const limits = { timeoutSeconds: HOUR_SECONDS, maxOutputBytes: MAX_OUTPUT_BYTES }
      stream = await open({ id, spec: { shell: command, ...(user !== '' && { user }), ...limits }, method })
      if (state.getState().cancelled) return stream.close()
      const told = follow(stream, state)
      // Nothing will come from the keyboard: what reads its input ends instead of waiting.
      await stream.write(encodeExecFrame('stdinEnd'))
      await told
    } catch (thrown) {
      if (!state.getState().done) state.setState({ error: appErrorOf(thrown), done: true })
    }
  })()
  return { key: ++lastKey, command, user, method, state, cancel }
}

const follow = async (stream: ByteStream, state: StoreApi<RunState>): Promise<void> => {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  const read = execFrameReader((kind, bytes) => {
    if (kind === 'stdout' || kind === 'stderr') {
      const text = decoders[kind].decode(bytes, { stream: true })
      if (text !== '') state.setState(before => append(before, kind, text))
    } else if (kind === 'end') {
      // Our own server wrote it, from checked values.
      state.setState({ result: JSON.parse(new TextDecoder().decode(bytes)) as ExecResult })
    }
  })
  let broken: unknown
  stream.onData((bytes, done) => {
    try {
      read(bytes)
    } catch (error) {
      broken = error
      stream.close()
    }
    // A frame of the screen lets the page breathe in a flood.
    requestAnimationFrame(() => done())
  })
  const error = await stream.closed
  if (state.getState().done) return
  const { result } = state.getState()
  const failure = broken !== undefined ? appErrorOf(broken) : (error ?? null)
  state.setState({ error: result ? null : failure, done: true })
}
