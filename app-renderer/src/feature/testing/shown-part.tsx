/** A part of a machine's page for tests: drawn with what it asks for, and a clock that the test moves on. */
import type { Connection, DomainSummary, EntryDescription, VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf, mapOf } from '../../store/testing.ts'
import { ConfirmHost } from '../../ui/index.ts'

/** Every test of the file begins with a clock of its own and an empty window. */
export const ownClock = (): void => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }))
  afterEach(() => {
    cleanup()
    vi.useRealTimers()
  })
}

/** Lets what was begun come to its end. */
export const soon = () => act(() => vi.advanceTimersByTimeAsync(100))

export const press = async (name: string | RegExp, role = 'button'): Promise<void> => {
  fireEvent.click(screen.getByRole(role, { name }))
  await soon()
}

/** A call of the client that begins a task. */
export const beginning = () => vi.fn<(input: object) => Promise<object>>(() => Promise.resolve({ taskId: 'one' }))

/** An event of the client, and how a test makes it happen. */
export const told = <T,>() => {
  const listeners: ((what: T) => void)[] = []
  return {
    changed: (listener: (what: T) => void) => (listeners.push(listener), () => undefined),
    tell: (what: T) => listeners.forEach(listener => listener(what)),
  }
}

interface Around {
  domain: DomainSummary
  /** The rooms of the client that are asked. */
  client: object
  connection?: Partial<Connection>
  entries?: readonly EntryDescription[]
}

/** Draws it, and what asks before something is done. */
export const showPart = (part: ReactElement, { domain, client, connection = {}, entries = [] }: Around): void => {
  const found = connectionOf({ uri: domain.connection, kind: domain.kind, ...connection })
  const stores = {
    ...{ client: client as VireoClient, online: createStore(() => true) },
    connections: { state: createStore(() => ({ byUri: new Map([[found.uri, found]]) })) },
    domains: { state: createStore(() => ({ byId: mapOf(domain) })) },
    entries: { state: createStore(() => ({ entries })) },
  }
  render(
    <StoresContext value={stores as unknown as Stores}>
      {part}
      <ConfirmHost />
    </StoresContext>,
  )
}
