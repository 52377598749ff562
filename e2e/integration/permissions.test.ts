import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePolkit, type Daemons } from '../fixture/daemons.ts'
import { testDomain } from '../fixture/domain.ts'
import { run } from '../fixture/run.ts'
import { testUser } from '../fixture/test-user.ts'

let polkit: Daemons

beforeAll(async () => {
  polkit = await ensurePolkit()
})

afterAll(async () => {
  await polkit.stop()
})

const list = async (groups: readonly string[], ...options: string[]): Promise<string> => {
  await using user = await testUser(groups)
  const [command, ...args] = user.prefix
  // Awaited here: the user goes when this function ends.
  return await run(command, [...args, 'virsh', '-c', 'qemu:///system', ...options, 'list', '--name'], { env: user.env })
}

test('a user outside the group libvirt is refused by polkit', async () => {
  await expect(list([])).rejects.toThrow(/authentication unavailable|polkit|access denied/i)
})

test('a user in the group libvirt is let in', async () => {
  await expect(list(['libvirt'])).resolves.toBeTypeOf('string')
})

test('a user outside the group may look', async () => {
  await expect(list([], '--readonly')).resolves.toBeTypeOf('string')
})

/** What a Vireo process of a user in these groups can do; in this file, because polkitd ends with it. */
const access = async (
  groups: readonly string[],
  admit?: (user: string) => Promise<Permit>,
): Promise<Record<string, unknown>> => {
  await using domain = await testDomain({ kind: 'blank', prefix: 't-driver', start: false })
  await using user = await testUser(groups)
  await using stack = new AsyncDisposableStack()
  const permit = await (admit?.(user.name) ?? null)
  stack.use(permit)
  const script = fileURLToPath(new URL('./access-as-user.ts', import.meta.url))
  const args = [script, String(user.uid), (await run('id', ['-G', user.name])).trim(), domain.name]
  if (permit?.flag !== undefined) args.push(permit.flag)
  return JSON.parse(await run(process.execPath, args, { env: user.env })) as Record<string, unknown>
}

interface Permit extends AsyncDisposable {
  /** Counts from the moment when this file is there. */
  readonly flag?: string
}

const rule = async (user: string, verdict: string, flag?: string): Promise<Permit> => {
  const file = `/etc/polkit-1/rules.d/10-${user}.rules`
  const text = `polkit.addRule(function (action, subject) {
    if (action.id == 'org.libvirt.unix.manage' && subject.user == '${user}') ${verdict}
  })`
  await writeFile(file, text, { mode: 0o644 })
  const remove = () => Promise.all([rm(file), ...(flag === undefined ? [] : [rm(flag, { force: true })])])
  return { ...(flag === undefined ? {} : { flag }), [Symbol.asyncDispose]: () => remove().then(() => undefined) }
}

/** Lets one user do everything without a password, as an administrator's rule would. */
const allow = (user: string): Promise<Permit> => rule(user, 'return polkit.Result.YES')

/** The same, but only from the moment when a password would have been typed. */
const allowLater = (user: string): Promise<Permit> => {
  const flag = join(tmpdir(), `${user}-may`)
  return rule(user, `try { polkit.spawn(['test', '-e', '${flag}']); return polkit.Result.YES } catch (error) {}`, flag)
}

test('a user outside the group looks without being asked, is told how to change things, and keeps looking when refused', async () => {
  expect(await access([])).toMatchObject({
    state: 'ready',
    readOnly: true,
    lifecycle: expect.stringMatching(/read-only/),
    listed: expect.toSatisfy((count: number) => count > 0),
    xml: 'done',
    start: { kind: 'permission' },
    unlock: { kind: 'permission', fix: [expect.stringContaining('usermod')] },
    stillReady: 'ready',
    readOnlyAfter: true,
    pausedAfter: { kind: 'permission' },
  })
})

test('a user inside the group has full access at once', async () => {
  expect(await access(['libvirt'])).toMatchObject({ state: 'ready', readOnly: false, lifecycle: null, unlock: 'done' })
})

test('a user whom the administrator lets in has full access at once', async () => {
  expect(await access([], allow)).toMatchObject({ state: 'ready', readOnly: false, start: 'done', unlock: 'done' })
})

test('a user who may after all unlocks, and goes on with full access', async () => {
  expect(await access([], allowLater)).toMatchObject({
    readOnly: true,
    start: { kind: 'permission' },
    unlock: 'done',
    stillReady: 'ready',
    readOnlyAfter: false,
    pausedAfter: 'done',
    stateAfter: 'paused',
  })
})

/** What such a process can do with the guest of a running machine. */
const guestAccess = async (groups: readonly string[]): Promise<Record<string, unknown>> => {
  await using domain = await testDomain({ prefix: 't-qga' })
  await domain.ready()
  await using user = await testUser(groups)
  const script = fileURLToPath(new URL('./guest-as-user.ts', import.meta.url))
  const args = [script, String(user.uid), (await run('id', ['-G', user.name])).trim(), domain.name]
  return JSON.parse(await run(process.execPath, args, { env: user.env })) as Record<string, unknown>
}

const agentChannel = { name: 'org.qemu.guest_agent.0', connected: true }

test('a user inside the group asks the guest’s agent, opens its channels and adds one', async () => {
  expect(await guestAccess(['libvirt'])).toMatchObject({
    channels: expect.arrayContaining([agentChannel]) as unknown[],
    ping: expect.stringMatching(/"return"/) as string,
    opened: 'done',
    attached: { needsRestart: false },
  })
})

test('a user outside the group sees the guest’s channels, and is told to unlock for the rest', async () => {
  const locked = { kind: 'permission', hint: expect.stringMatching(/Unlock/) as string }
  expect(await guestAccess([])).toMatchObject({
    channels: expect.arrayContaining([agentChannel]) as unknown[],
    ...{ ping: locked, opened: locked, attached: locked },
  })
})
