/** A dispatcher for tests of this surface: it echoes, and its streams are what the test says. */
import type { Duplex } from 'node:stream'
import { Emitter } from '../../base/emitter.ts'
import type { Dispatcher, Principal, PublishedEvent } from '../../dispatch/dispatcher.ts'

export interface TestDispatcher extends Dispatcher {
  readonly calls: { surface: string; room: string; name: string; input: unknown }[]
  readonly principals: Principal[]
  /** The inputs of streams that were asked for. */
  readonly opened: unknown[]
  readonly publish: (event: PublishedEvent) => void
  /** Set to what `open` answers. */
  makeStream: (() => Duplex) | undefined
}

export const testDispatcher = (): TestDispatcher => {
  const events = new Emitter<PublishedEvent>()
  const dispatcher: TestDispatcher = {
    calls: [],
    principals: [],
    opened: [],
    makeStream: undefined,
    publish: event => events.fire(event),
    onEvent: events.event,
    async call(principal, room, name, input) {
      dispatcher.principals.push(principal)
      if (room !== 'domain' || !['list', 'fail'].includes(name))
        return { ok: false, error: { kind: 'not-found', message: 'There is no such call.' } }
      dispatcher.calls.push({ surface: principal.surface, room, name, input })
      if (name === 'fail') return { ok: false, error: { kind: 'busy', message: 'in use', holder: 'somebody' } }
      return { ok: true, value: { echo: input } }
    },
    async open(_principal, room, name, input) {
      dispatcher.opened.push(input)
      if (room === 'domain' && name === 'serial' && dispatcher.makeStream)
        return { ok: true, stream: dispatcher.makeStream() }
      return { ok: false, error: { kind: 'not-found', message: 'There is no such stream.' } }
    },
    dispose() {},
  }
  return dispatcher
}
