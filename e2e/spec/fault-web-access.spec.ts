import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from '@playwright/test'
import { expect, test as base } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

/** A site that the person visits with the same browser while Vireo runs. */
const test = base.extend<{ stranger: Page }>({
  connections: ['memory:///two?domains=2'],
  // Vireo's own window first: its session is what the stranger is after.
  stranger: async ({ page, context }, use) => {
    await expect(machineList(page).rows).toHaveCount(2)
    const site = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>Elsewhere</h1>'),
    )
    await new Promise<void>(resolve => void site.listen(0, '127.0.0.1', resolve))
    await use(await visit(context, site))
    site.closeAllConnections()
    await new Promise(resolve => site.close(resolve))
  },
})

const visit = async (context: BrowserContext, site: Server): Promise<Page> => {
  const page = await context.newPage()
  // The same host as Vireo, so that the browser takes both for one site and sends the cookie along.
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
  return page
}

/** The status of a request whose headers say what this test wants them to say; browsers would not let it. */
const ask = (origin: string, path: string, headers: Readonly<Record<string, string>>): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const asked = httpRequest({ hostname, port, path, headers }, response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject).end()
  })

const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }

test('an address that was used opens nothing in another browser', async ({ page, server, browser }) => {
  await expect(machineList(page).rows).toHaveCount(2)
  const other = await browser.newContext()
  const second = await other.newPage()
  const answer = await second.goto(server.url)
  expect(answer?.status()).toBe(401)
  await expect(second.getByText(/already used/)).toBeVisible()
  expect((await second.goto(server.origin))?.status()).toBe(401)
  await expect(second.getByText(/no session/)).toBeVisible()
  await other.close()
})

test('a page of another site can neither call, nor listen, nor frame Vireo', async ({ stranger, server }) => {
  const { origin } = server
  const result = await stranger.evaluate(async target => {
    const call = await fetch(`${target}/api/v1/domain/list`, {
      ...{ method: 'POST', credentials: 'include', body: '{}' },
    }).then(
      answer => `answered ${answer.status}`,
      () => 'refused',
    )
    const listen = await new Promise(resolve => {
      const socket = new WebSocket(`${target.replace('http', 'ws')}/events`)
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })
    const frame = document.body.appendChild(document.createElement('iframe'))
    await new Promise(resolve => {
      frame.onload = resolve
      frame.src = `${target}/`
    })
    return { call, listen }
  }, origin)
  expect(result).toEqual({ call: 'refused', listen: 'refused' })
  for (const frame of stranger.frames().slice(1)) await expect(frame.locator('#root')).toHaveCount(0)
})

test('wrong token, foreign Host, foreign Origin and a missing cookie are refused', async ({
  page,
  server,
  context,
}) => {
  await expect(machineList(page).rows).toHaveCount(2)
  const { origin } = server
  const { host, port } = new URL(origin)
  const cookie = (await context.cookies(origin)).map(({ name, value }) => `${name}=${value}`).join('; ')
  expect(await ask(origin, '/', { host, cookie })).toBe(200)
  expect(await ask(origin, '/?token=wrong', { host })).toBe(401)
  // A name of the attacker's that leads here: the browser would take it for the attacker's own site.
  expect(await ask(origin, '/', { host: `attacker.example:${port}`, cookie })).toBe(403)
  expect(await ask(origin, '/events', { host, origin, cookie, ...upgrade, ...key })).toBe(101)
  expect(await ask(origin, '/events', { host, origin, ...upgrade, ...key })).toBe(401)
  expect(await ask(origin, '/events', { host, origin: 'http://attacker.example', cookie, ...upgrade, ...key })).toBe(
    403,
  )
  expect(await ask(origin, '/events', { host: 'attacker.example', origin, cookie, ...upgrade, ...key })).toBe(403)
})
