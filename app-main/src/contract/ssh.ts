/** SSH into machines: where and as whom, and a terminal there. Passwords are typed into a terminal and never kept. */
import { z } from 'zod'
import { call, event, stream } from './define.ts'
import { DomainId } from './domain.ts'

const HOST = '[A-Za-z0-9_][A-Za-z0-9_.-]*|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9_.-]{1,15})?'
const USER = '[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}[$]?'
const KEY_FILE = '/[^\\p{Cc}"\\\\$]*'

const text = (pattern: string, most: number, message: string) =>
  z
    .string()
    .max(most)
    .regex(new RegExp(`^(?:${pattern})$`, 'u'), message)
const host = (pattern: string) => text(pattern, 253, 'must be a host name or an address')
const user = (pattern: string) => text(pattern, 66, 'must be a login name')
const keyFile = (pattern: string) =>
  text(pattern, 4096, 'must be an absolute path without quotes, backslashes and dollars')

/** A host name or an address; nothing that begins with a dash or that a shell would read. */
export const SshHost = host(HOST)
export const SshPort = z.number().int().min(1).max(65_535)
export const SshUser = user(USER)
/** OpenSSH expands `$`, and its settings have no way to write quotes for certain. */
export const SshKeyFile = keyFile(KEY_FILE)

/** Where a person wants to reach a machine; null: what is known or usual. */
export const SshSettings = z.object({
  host: SshHost.nullable(),
  port: SshPort,
  user: SshUser.nullable(),
  keyFile: SshKeyFile.nullable(),
})
export type SshSettings = z.infer<typeof SshSettings>

export const DEFAULT_SSH: SshSettings = { host: null, port: 22, user: null, keyFile: null }

export const SshAccess = SshSettings.extend({
  id: DomainId,
  /** Where it goes when no host is set; null when that is not known. */
  address: z.string().nullable(),
  /** What only the guest itself says: not taken unless a person sets it as the host. */
  claimed: z.string().nullable(),
  /** Who logs in when no user is set. */
  ownUser: z.string(),
  /** A host key is remembered, and another one would be refused. */
  hostKeyKnown: z.boolean(),
  /** A connection is open, and commands ride on it without a password. */
  connected: z.boolean(),
})
export type SshAccess = z.infer<typeof SshAccess>

/** Of a terminal, in characters. */
export const TerminalSize = z.object({
  columns: z.number().int().min(2).max(1000),
  rows: z.number().int().min(1).max(1000),
})
export type TerminalSize = z.infer<typeof TerminalSize>

/** How a terminal's program ended. */
export const TerminalEnd = z.object({
  /** Null when a signal ended it. */
  exitCode: z.number().int().nullable(),
  /** The connection broke, or nobody could log in: not the shell's own end. */
  lost: z.boolean(),
})
export type TerminalEnd = z.infer<typeof TerminalEnd>

const One = z.object({ id: DomainId })

export const ssh = {
  access: call({
    summary: 'Tells how a machine is reached over SSH.',
    verb: 'guest ssh-access',
    effect: 'read',
    target: 'domain',
    input: One,
    output: SshAccess,
  }),
  setAccess: call({
    summary: 'Sets how a machine is reached over SSH; what is not given stays. Passwords are not kept.',
    verb: 'guest set-ssh-access',
    effect: 'change',
    target: 'domain',
    input: One.extend({
      host: host(`|${HOST}`).optional().describe("host name or address; '' for the known address"),
      port: SshPort.optional().describe('port of its SSH server'),
      user: user(`|${USER}`).optional().describe("who logs in; '' for OpenSSH's own choice"),
      keyFile: keyFile(`|${KEY_FILE}`).optional().describe("private key on this computer; '' for the usual ones"),
    }),
    output: SshAccess,
  }),
  forgetHostKey: call({
    summary: "Forgets a machine's SSH host key, as after it was installed anew: the next one is taken as its own.",
    verb: 'guest forget-ssh-key',
    effect: 'change',
    target: 'domain',
    input: One,
    output: SshAccess,
  }),
  disconnect: call({
    summary: "Ends the SSH connection that a machine's terminals and commands share.",
    verb: 'guest ssh-disconnect',
    effect: 'change',
    target: 'domain',
    input: One,
    output: SshAccess,
  }),
  /** Rejects with why it cannot be reached; that it wants a password is no reason. */
  command: call({
    summary: 'Gives the command with which a terminal on this computer reaches a machine over SSH.',
    effect: 'change',
    target: 'domain',
    when: ['running'],
    input: One,
    /** The program and its arguments. */
    output: z.object({ argv: z.array(z.string()) }),
  }),

  /** Frames of `terminal-frames.ts`. */
  terminal: stream({
    summary: 'Opens a terminal inside a machine over SSH.',
    effect: 'change',
    target: 'domain',
    when: ['running'],
    input: One.extend(TerminalSize.shape),
  }),

  /** How machines are reached was changed, by this process or another. */
  changed: event(z.object({})),
} as const
