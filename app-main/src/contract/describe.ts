/** The contract as plain data, for palettes and menus: what a renderer needs without carrying the schemas. */
import type { Contract, Effect, Target } from './define.ts'

export interface EntryDescription {
  readonly room: string
  readonly name: string
  readonly kind: 'call' | 'stream'
  readonly summary: string
  readonly effect: Effect
  readonly title?: string
  readonly target?: Target
  /** Domain states in which it makes sense. */
  readonly when?: readonly string[]
  /** The question to ask first; `{name}` stands for the target's name. */
  readonly confirm?: string
}

export type ContractDescription = readonly EntryDescription[]

export const describeContract = (contract: Contract): ContractDescription =>
  Object.entries(contract).flatMap(([room, entries]) =>
    Object.entries(entries).flatMap(([name, entry]) => {
      if (entry.kind === 'event') return []
      const { kind, summary, effect, title, target, when } = entry
      const confirm = entry.kind === 'call' ? entry.confirm : undefined
      return [
        {
          room,
          name,
          kind,
          summary,
          effect,
          ...(title !== undefined && { title }),
          ...(target !== undefined && { target }),
          ...(when !== undefined && { when }),
          ...(confirm !== undefined && { confirm }),
        },
      ]
    }),
  )
