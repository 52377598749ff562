/** One frozen time after the other: who holds the token, and when it ends. */
import type { vireo } from '../../protocol/index.ts'
import type { MethodContext } from '../method.ts'
import type { FrozenGuard } from '../methods/frozen.ts'
import { allMounts } from '../mounts.ts'
import { RpcError } from '../rpc-error.ts'
import type { Sys } from '../sys.ts'
import { freezePlan, type FrozenFilesystem, type Target } from './freeze-plan.ts'
import { notePath, removeNote, thawMount } from './frozen-note.ts'
import { GuardLink } from './guard-link.ts'
import type { GuardEvent } from './guard-message.ts'

type Params = vireo.ParamsOf<typeof vireo.quiesceFreeze>
type Frozen = vireo.ResultOf<typeof vireo.quiesceFreeze>
type Thawed = vireo.ResultOf<typeof vireo.quiesceThaw>
type Status = vireo.ResultOf<typeof vireo.quiesceStatus>
type Answer<T> = PromiseWithResolvers<T>

/** From the first hook before a freeze to the last one after it. */
interface Round {
  readonly token: string
  readonly targets: readonly Target[]
  readonly frozen: Answer<Frozen>
  readonly thawed: Answer<Thawed>
  link: GuardLink | null
  releaseLog: () => void
  state: 'freezing' | 'frozen' | 'thawing'
  filesystems: FrozenFilesystem[]
  autoThawAt: number | null
  count: number
  milliseconds: number
}

const newToken = (sys: Sys): string => [...sys.random(16)].map(byte => byte.toString(16).padStart(2, '0')).join('')

/** Every character is looked at, so that time tells nothing of where they differ. */
const sameToken = (a: string, b: string): boolean => {
  let difference = a.length ^ b.length
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at)
  return difference === 0
}

const newRound = (token: string, targets: readonly Target[]): Round => ({
  token,
  targets,
  frozen: Promise.withResolvers(),
  thawed: Promise.withResolvers(),
  link: null,
  releaseLog: () => {},
  state: 'freezing',
  filesystems: [],
  autoThawAt: null,
  count: 0,
  milliseconds: 0,
})

const notFrozen = (why: string): RpcError => new RpcError('precondition', why, { reason: 'not-frozen' })

export class Quiesce {
  readonly #guardWrites: FrozenGuard
  #round: Round | null = null
  #lastThaw: Status['last_thaw'] = null

  constructor(guardWrites: FrozenGuard) {
    this.#guardWrites = guardWrites
  }

  async freeze(context: MethodContext, { timeout_seconds, mount_points, hooks }: Params): Promise<Frozen> {
    if (this.#round !== null) throw new RpcError('precondition', 'Frozen already', { reason: 'frozen' })
    const { sys, loop, config } = context
    const targets = freezePlan(allMounts(sys), mount_points)
    if (targets.length === 0) throw new RpcError('failed', 'No filesystem here can be frozen')
    const round = newRound(newToken(sys), targets)
    // Nobody may ever ask for it.
    round.thawed.promise.catch(() => {})
    this.#begin(context, round)
    try {
      const job = {
        targets,
        timeout_ms: 1000 * timeout_seconds,
        note: notePath(config),
        pre_directory: hooks ? config.preFreezeDirectory : null,
        post_directory: hooks ? config.postThawDirectory : null,
      }
      round.link = new GuardLink(sys, loop, job, {
        event: event => this.#hear(context, round, event),
        end: () => this.#end(context, round),
      })
    } catch (error) {
      this.#finish(round)
      throw error
    }
    return round.frozen.promise
  }

  /** From here on nothing of ours may write to a disk. */
  #begin(context: MethodContext, round: Round): void {
    this.#round = round
    context.log.info('freezing', { filesystems: round.targets.map(target => target.mount_point) })
    this.#guardWrites.set(true)
    round.releaseLog = context.log.hold()
  }

  #hear(context: MethodContext, round: Round, event: GuardEvent): void {
    switch (event.event) {
      case 'frozen':
        return this.#frozen(round, event)
      case 'failed':
        round.state = 'thawing'
        round.frozen.reject(new RpcError('failed', event.message, { hooks: event.hooks }))
        return this.#finish(round)
      case 'thawed':
        return this.#thawed(context, round, event)
      case 'done':
        return this.#done(round, event.hooks)
    }
  }

  #thawed(context: MethodContext, round: Round, event: Extract<GuardEvent, { event: 'thawed' }>): void {
    round.state = 'thawing'
    round.count = event.thawed
    round.milliseconds = event.frozen_ms
    // Of an agent that lives, only somebody else can end the guard.
    this.#lastThaw = event.why === 'orphaned' ? 'killed' : event.why
    this.#letWrite(round)
    context.log[event.why === 'asked' ? 'info' : 'warn']('thawed', { why: this.#lastThaw, frozen_ms: event.frozen_ms })
  }

  #frozen(round: Round, event: Extract<GuardEvent, { event: 'frozen' }>): void {
    round.state = 'frozen'
    round.autoThawAt = event.auto_thaw_at_ms
    round.filesystems = event.frozen.flatMap(index => {
      const target = round.targets[index]
      if (target === undefined) return []
      const { mount_point, device, fs_type } = target
      return [{ mount_point, device, fs_type }]
    })
    const { token, filesystems } = round
    round.frozen.resolve({ token, auto_thaw_at_ms: event.auto_thaw_at_ms, filesystems, hooks: event.hooks })
  }

  #done(round: Round, hooks: Thawed['hooks']): void {
    if (this.#lastThaw === 'asked') round.thawed.resolve({ thawed: round.count, frozen_ms: round.milliseconds, hooks })
    else round.thawed.reject(notFrozen(this.#whyNot()))
    this.#finish(round)
  }

  #whyNot(): string {
    if (this.#lastThaw === 'timeout') return 'It thawed by itself: the time was over'
    return this.#lastThaw === 'killed' ? 'It thawed by itself: its guard was ended' : 'Nothing is frozen'
  }

  /** A guard that somebody killed leaves the thawing to us. */
  #end(context: MethodContext, round: Round): void {
    if (round.state !== 'thawing') {
      for (const { mount_point } of round.targets.toReversed()) thawMount(context.sys, mount_point)
      removeNote(context.sys, notePath(context.config))
      this.#lastThaw = 'killed'
      context.log.error('the guard was killed, thawed without it')
    }
    round.frozen.reject(new RpcError('failed', 'The process that freezes was killed; everything is thawed'))
    round.thawed.reject(notFrozen(this.#whyNot()))
    this.#finish(round)
  }

  #finish(round: Round): void {
    if (this.#round !== round) return
    this.#round = null
    this.#letWrite(round)
  }

  #letWrite(round: Round): void {
    this.#guardWrites.set(false)
    round.releaseLog()
    round.releaseLog = () => {}
  }

  async thaw(token: string): Promise<Thawed> {
    const round = this.#round
    if (round === null || round.state === 'freezing') throw notFrozen(this.#whyNot())
    if (!sameToken(token, round.token))
      throw new RpcError('precondition', 'Somebody else froze this', { reason: 'token' })
    round.link?.thaw()
    return round.thawed.promise
  }

  status(): Status {
    const round = this.#round
    return {
      state: round === null ? 'thawed' : round.state,
      auto_thaw_at_ms: round?.state === 'frozen' ? round.autoThawAt : null,
      filesystems: round?.state === 'frozen' ? round.filesystems : [],
      last_thaw: this.#lastThaw,
    }
  }
}
