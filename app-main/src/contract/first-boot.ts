/** The first start of a new machine, until it is what its person wanted. */
import { z } from 'zod'
import { DomainId } from './domain.ts'

/** In the order in which people think of them; what comes early may come true late. */
export const BootStage = z.enum(['running', 'address', 'agent', 'cloud-init', 'ssh'])
export type BootStage = z.infer<typeof BootStage>

export const BootStep = z.object({
  stage: BootStage,
  /** `skipped`: there is nothing to wait for, and `detail` says why. */
  state: z.enum(['waiting', 'done', 'failed', 'skipped']),
  /** What is known of it: the address, who answers, what cloud-init is at, or why it failed. English. */
  detail: z.string().nullable(),
})
export type BootStep = z.infer<typeof BootStep>

/** How far its start is by its serial line, which anything in the machine may write on. */
export const BootPhase = z.object({
  /** `stopped`: it says that it cannot go on. */
  phase: z.enum(['firmware', 'loader', 'kernel', 'system', 'cloud-init', 'login', 'stopped']),
  /** What it said last, one short line without control characters. */
  line: z.string(),
})
export type BootPhase = z.infer<typeof BootPhase>

export const FirstBoot = z.object({
  id: DomainId,
  name: z.string(),
  steps: z.array(BootStep),
  /** Null: its serial line says nothing, somebody else's program has it, or it matters no more. */
  phase: BootPhase.nullable(),
  /** Where SSH is answered; null until that is known. */
  address: z.string().nullable(),
  port: z.number().int(),
  /** Whom cloud-init was told to let in. */
  user: z.string().nullable(),
  /** A line for a terminal; null until the address is known. */
  sshCommand: z.string().nullable(),
  /** What cloud-init complains of, in its own words. */
  errors: z.array(z.string()),
})
export type FirstBoot = z.infer<typeof FirstBoot>
