import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '../fixture/server.ts'
import { expect, test } from '../fixture/test.ts'

test.use({ connections: ['test:///default'] })

test('a window goes on without a reload when the server behind it was killed and started again', async ({
  page,
  server,
  allowConsole,
}) => {
  allowConsole(/WebSocket connection|net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)/)
  await expect(page.getByRole('row', { name: /test/ })).toBeVisible()
  // At rest the window fetches its other parts, which this is not about.
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => (document.title = 'not loaded again'))
  process.kill(server.pid, 'SIGKILL')
  await expect(page.getByText('Vireo itself does not answer.')).toBeVisible()
  const args = ['--port', new URL(server.origin).port]
  const next = await startServer({ connections: ['test:///default'], args, env: server.env })
  try {
    await expect(page.getByText('Vireo itself does not answer.')).toBeHidden()
    await expect(page.getByRole('row', { name: /test/ })).toBeVisible()
    await expect(page).toHaveTitle('not loaded again')
  } finally {
    await next.stop()
  }
})

test('an address that was clicked on at another site opens Vireo', async ({ page, server, context }) => {
  const other = await context.newPage()
  await other.route('http://elsewhere.example/', route =>
    route.fulfill({ contentType: 'text/html', body: '<a href="/">Vireo</a>' }),
  )
  await expect(page.getByRole('row', { name: /test/ })).toBeVisible()
  // The window that is signed in goes away: at rest it fetches its other parts, which it may not do without its cookie.
  await page.goto('about:blank')
  await context.clearCookies()
  const announced = join(server.env.XDG_RUNTIME_DIR ?? '', 'vireo/server.json')
  const { key } = JSON.parse(await readFile(announced, 'utf8')) as { key: string }
  const answer = await fetch(`${server.origin}/session?own`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  })
  const { url } = (await answer.json()) as { url: string }
  await other.goto('http://elsewhere.example/')
  await other.getByRole('link').evaluate((link, href) => link.setAttribute('href', href), url)
  await other.getByRole('link').click()
  await expect(other.getByRole('row', { name: /test/ })).toBeVisible()
  expect(new URL(other.url()).search).toBe('')
})
