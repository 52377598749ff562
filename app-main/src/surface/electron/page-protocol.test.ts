import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pageProtocol } from './page-protocol.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vireo-page-'))
  await mkdir(join(root, 'page', 'assets'), { recursive: true })
  await writeFile(join(root, 'page', 'index.html'), '<title>page</title>')
  await writeFile(join(root, 'page', 'assets', 'a.js'), 'export {}')
  await writeFile(join(root, 'secret.txt'), 'secret')
})

afterEach(() => rm(root, { recursive: true, maxRetries: 5 }))

const get = (url: string, method = 'GET') => pageProtocol(join(root, 'page'))({ url, method })

test('the page comes with its rules', async () => {
  const response = await get('app://vireo/')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await response.text()).toBe('<title>page</title>')
  expect((await get('app://vireo/assets/a.js?v=1#x')).headers.get('content-type')).toContain('javascript')
})

test.each([
  'app://vireo/../secret.txt',
  'app://vireo/..%2fsecret.txt',
  'app://vireo/%2e%2e%2fsecret.txt',
  'app://vireo/assets/..%2f..%2fsecret.txt',
  'app://vireo/..%5csecret.txt',
  'app://vireo/missing.js',
  'app://vireo/assets',
  'app://vireo/%',
])('%s leads nowhere', async url => {
  expect((await get(url)).status).toBe(404)
})

test('another host or method is refused', async () => {
  expect((await get('app://evil/index.html')).status).toBe(403)
  expect((await get('app://vireo/', 'POST')).status).toBe(405)
})
