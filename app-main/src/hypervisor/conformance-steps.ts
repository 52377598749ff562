/** The steps from which the conformance suite is made. */
import { strict as assert } from 'node:assert'
import { RemoteError, type AppError, type DomainState, type DomainSummary } from '../contract/index.ts'
import type { Bench } from './conformance-bench.ts'
import type { DomainKey, HypervisorConnection } from './driver.ts'
import { unattended, waitForDomain } from './waiting.ts'

export interface Scene {
  readonly connection: HypervisorConnection
  readonly key: DomainKey
  summary(): DomainSummary
}

/** Runs with one fresh machine that is off, and removes it afterwards. */
export const withMachine =
  (play: (scene: Scene, bench: Bench) => Promise<void>, suffix = '') =>
  async (bench: Bench): Promise<void> => {
    const connection = await bench.connect()
    const key = await made(bench, connection, bench.name(suffix))
    const summary = () => {
      const found = connection.domains.get(key)
      assert.ok(found, 'the machine is not in the inventory')
      return found
    }
    try {
      await eventually(bench, connection, key, one => one !== undefined)
      await play({ connection, key, summary }, bench)
    } finally {
      await bench.remove(key)
    }
  }

const made = async (bench: Bench, { definition }: HypervisorConnection, name: string): Promise<DomainKey> => {
  if (bench.definition !== null) return definition.define(bench.definition(name))
  assert.ok(bench.make, 'the bench makes machines neither by a definition nor otherwise')
  return bench.make(name)
}

export const removal = ({ storage = 'keep' }: Bench) => ({ storage, nvram: 'keep' }) as const

export const eventually = (
  bench: Bench,
  connection: HypervisorConnection,
  key: DomainKey,
  is: (summary: DomainSummary | undefined) => boolean,
): Promise<void> =>
  waitForDomain(connection, key, is, {
    deadlineMs: bench.patience,
    signal: unattended().signal,
    late: () =>
      new RemoteError({
        kind: 'timeout',
        message: `did not happen; the machine is ${JSON.stringify(connection.domains.get(key))}`,
      }),
  })

/** The failure must be typed, and of this kind. */
export const refuses = async (work: Promise<unknown>, kind: AppError['kind']): Promise<AppError> => {
  const outcome: unknown = await work.then(
    value => ({ value }),
    (error: unknown) => error,
  )
  assert.ok(outcome instanceof RemoteError, `wanted the refusal ${kind}, got ${JSON.stringify(outcome)}`)
  assert.equal(outcome.detail.kind, kind, outcome.message)
  return outcome.detail
}

export const assertState = (scene: Scene, state: DomainState): void => assert.equal(scene.summary().state, state)
