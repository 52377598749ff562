/** Port forwards: a port of this computer that leads to one of a machine, which the network of machines would not let in. */
import { z } from 'zod'
import { call, event } from './define.ts'
import { DomainId } from './domain.ts'

/** Names a forward on this computer. */
export const ForwardId = z
  .string()
  .regex(/^[0-9a-f]{8}$/, 'must be an id that `forward list` shows')
  .brand<'ForwardId'>()
export type ForwardId = z.infer<typeof ForwardId>

/** An address, never a name: a name may lead elsewhere tomorrow. */
export const IpAddress = z.union([z.ipv4(), z.ipv6()], 'must be an IPv4 or IPv6 address')

export const Port = z.number().int().min(1).max(65_535)

/** What a person asked for; this is what is kept. */
export const ForwardRule = z.object({
  id: ForwardId,
  domain: DomainId,
  /** The machine's name when the forward was made, for when it cannot be asked. */
  name: z.string().max(1024),
  protocol: z.literal('tcp'),
  /** Where this computer listens. */
  address: IpAddress,
  port: Port,
  /** The machine's address as the person says it; null: the one that is known. */
  guestAddress: IpAddress.nullable(),
  guestPort: Port,
  /** Absent: Vireo hands the bytes on. */
  way: z.literal('passt').optional(),
})
export type ForwardRule = z.infer<typeof ForwardRule>

/**
 * `listening`: it forwards. `off`: the machine does not run, connections are refused. `no-address`: it runs, and where it
 * is is not known. `gone`: there is no such machine. `unreachable`: its hypervisor cannot be asked. `port-in-use`,
 * `no-permission`, `no-such-address`: this computer did not let Vireo listen. `nobody`: no Vireo that forwards runs.
 * `after-restart`: the machine runs, and has it from its next start on.
 */
export const ForwardState = z.enum([
  'listening',
  'off',
  'no-address',
  'gone',
  'unreachable',
  'port-in-use',
  'no-permission',
  'no-such-address',
  'starting',
  'nobody',
  'after-restart',
])
export type ForwardState = z.infer<typeof ForwardState>

/** What the process that forwards says of it. */
export const ForwardStatus = z.object({
  state: ForwardState,
  /** Why, an English sentence; null when all is well. */
  reason: z.string().nullable(),
  /** Where connections go, for instance `192.168.122.5`. */
  target: z.string().nullable(),
  /** Connections that are open now. */
  connections: z.number().int(),
  /** All that were forwarded since it began. */
  total: z.number().int(),
  /** Connections that did not get through to the machine, or that were too many. */
  failed: z.number().int(),
  /** Which process forwards; null: none. */
  pid: z.number().int().nullable(),
})
export type ForwardStatus = z.infer<typeof ForwardStatus>

export const Forward = z.object({
  ...ForwardRule.shape,
  ...ForwardStatus.shape,
  /** `proxy`: Vireo hands the bytes on, as long as it runs. `passt`: libvirt does, as long as the machine runs. */
  way: z.enum(['proxy', 'passt']),
  /** Others than this computer's own programs reach it. */
  exposed: z.boolean(),
})
export type Forward = z.infer<typeof Forward>

export const forward = {
  list: call({
    summary: 'Lists the ports of this computer that lead into machines.',
    verb: 'forward list',
    effect: 'read',
    input: z.object({}),
    output: z.array(Forward),
  }),
  add: call({
    summary: 'Lets a port of this computer lead to a port of a machine (TCP), as long as a Vireo runs.',
    verb: 'forward add',
    effect: 'change',
    target: 'domain',
    input: z.object({
      id: DomainId,
      port: z.number().int().min(0).max(65_535).describe('port of this computer; 0 takes a free one'),
      guestPort: Port.describe('port of the machine'),
      address: IpAddress.default('127.0.0.1').describe(
        'where this computer listens; anything but loopback lets others in',
      ),
      guestAddress: IpAddress.nullable().default(null).describe("the machine's address, where it is not the known one"),
    }),
    output: Forward,
  }),
  remove: call({
    summary: 'Ends a forward and cuts its connections.',
    verb: 'forward remove',
    effect: 'change',
    input: z.object({ forward: ForwardId.describe('id that `forward list` shows') }),
    output: z.object({}),
  }),
  /** Forwards came, went or changed their state: ask again. */
  changed: event(z.object({})),
} as const
