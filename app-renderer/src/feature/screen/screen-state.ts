import type { AppError } from '@vireo/app-main/contract'
import type { KeeperState } from '../console/stream-keeper.ts'

/** Where a screen stands; `open` means that bytes flow but the handshake is not through. */
export type ScreenState =
  | KeeperState
  | { readonly kind: 'password'; readonly wrong: boolean; readonly user: boolean }
  | { readonly kind: 'connected' }

export interface ScreenSnapshot {
  readonly state: ScreenState
  /** Name that the guest gives its desktop; only ever shown as text. */
  readonly name: string | null
  /** Guest pixels, null while nothing was drawn. */
  readonly size: { readonly width: number; readonly height: number } | null
}

/** What the server sent was not VNC. */
export const GARBAGE: AppError = {
  kind: 'refused',
  message: 'What the screen sent makes no sense.',
  hint: 'The machine may run a damaged or hostile VNC server.',
}

/** A server that refuses and does not say why. */
export const REFUSED = 'The screen refused the connection.'

/** How long a server may take from its first byte to its picture, milliseconds; a person who types a password is not counted. */
export const HANDSHAKE_MS = 15_000

/** A server that stops in the middle of its handshake. */
export const SILENT: AppError = {
  kind: 'timeout',
  message: 'The screen answered and then said nothing more.',
  hint: 'The machine may be very busy, or its VNC server may hang.',
}
