import type { DomainSummary } from '@vireo/app-main/contract'
import { type RefObject, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useClient } from '../../store/hooks.ts'
import { isAlive } from '../console/alive.ts'
import { type GuestClip, guestClip } from './guest-clipboard.ts'
import { ScreenSession } from './screen-session.ts'
import type { ScreenSnapshot } from './screen-state.ts'

export interface Screen extends ScreenSnapshot {
  readonly session: ScreenSession | null
  /** What the guest copied last. */
  readonly clip: GuestClip | null
}

const OFF: ScreenSnapshot = { state: { kind: 'off' }, name: null, size: null }
const nothing = (): (() => void) => () => {}

/** A session drawn inside `target` while the component is mounted. */
export const useScreenSession = (
  domain: DomainSummary,
  target: RefObject<HTMLElement | null>,
  options: { viewOnly: boolean; resizeGuest: boolean },
): Screen => {
  const client = useClient()
  const [session, setSession] = useState<ScreenSession | null>(null)
  const [clip, setClip] = useState<GuestClip | null>(null)
  const { id } = domain
  useEffect(() => {
    if (!target.current) return undefined
    const made = new ScreenSession(target.current, {
      open: () => client.domain.screen({ id }),
      password: async () => (await client.domain.screenPassword({ id })).password,
      onClipboard: text => setClip(guestClip(text)),
    })
    setSession(made)
    return () => {
      made.dispose()
      setClip(null)
    }
  }, [client, id, target])

  const alive = isAlive(domain.state)
  useEffect(() => session?.setViewOnly(options.viewOnly), [session, options.viewOnly])
  useEffect(() => session?.setResizeGuest(options.resizeGuest), [session, options.resizeGuest])
  useEffect(() => session?.setAlive(alive), [session, alive])

  const subscribe = useMemo(() => (session ? (heard: () => void) => session.subscribe(heard) : nothing), [session])
  const snapshot = useSyncExternalStore(subscribe, () => session?.snapshot ?? OFF)
  return { ...snapshot, session, clip }
}
