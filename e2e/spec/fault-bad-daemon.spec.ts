import { readFile } from 'node:fs/promises'
import { badDaemon, type Manner } from '../fixture/bad-daemon.ts'
import { expect, test as base } from '../fixture/test.ts'
import { testNode, type TestNode } from '../fixture/test-node.ts'
import { machineList } from '../page/machine-list.ts'
import { machineDetail } from '../page/machine-detail.ts'

const MANNERS: readonly Manner[] = ['silent', 'garbage', 'oversized', 'truncated']

const test = base.extend<{ node: TestNode; bad: Readonly<Record<Manner, string>> }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  node: async ({}, use) => {
    await using node = await testNode({ domains: 4, running: 2 })
    await use(node)
  },
  // oxlint-disable-next-line no-empty-pattern -- see above
  bad: async ({}, use) => {
    await using silent = await badDaemon('silent')
    await using garbage = await badDaemon('garbage')
    await using oversized = await badDaemon('oversized')
    await using truncated = await badDaemon('truncated')
    await use({
      ...{ silent: silent.uri, garbage: garbage.uri },
      ...{ oversized: oversized.uri, truncated: truncated.uri },
    })
  },
  connections: async ({ node, bad }, use) => use([...MANNERS.map(manner => bad[manner]), node.uri]),
})

/** Bytes of real memory that a process holds. */
const residentBytes = async (pid: number): Promise<number> =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

test('silent and senseless daemons say what is the matter, beside one that works', async ({
  page,
  server,
  node,
  bad,
}) => {
  const list = machineList(page)
  const line = (uri: string) => page.getByRole('listitem').and(page.getByTitle(uri, { exact: false }))
  // While the silent one has not been given up, the good one is there and can be used.
  await expect(list.rows).toHaveCount(4)
  await expect(line(bad.silent)).not.toContainText('no answer')
  await list.open('build-berlin-1')
  await machineDetail(page, 'build-berlin-1').button('Start').click()
  await expect(list.row('build-berlin-1')).toContainText('Running')

  await expect(line(bad.silent)).toContainText('no answer', { timeout: 30_000 })
  const banner = (text: string) => page.getByRole('status').or(page.getByRole('alert')).filter({ hasText: text })
  await expect(banner('does not answer')).toBeVisible()
  // It never had any machines.
  await expect(page.getByText('last known')).toHaveCount(0)
  for (const manner of ['garbage', 'oversized'] as const) {
    await expect(line(bad[manner])).toContainText('unavailable')
    await expect(banner('which no libvirt daemon sends').first()).toBeVisible()
  }
  await expect(banner('ended the connection')).toBeVisible()
  // A daemon that pours gigabytes is hung up on: nothing of it is kept.
  expect(await residentBytes(server.pid)).toBeLessThan(400 * 2 ** 20)
  await expect(list.rows).toHaveCount(4)
  await list.search(node.names[0] ?? '')
  await expect(list.rows).toHaveCount(1)
})
