import { PassThrough } from 'node:stream'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { pictureToPng, ppmToPng } from './screenshot.ts'

const ppm = (header: string, pixels: Buffer) => Buffer.concat([Buffer.from(header), pixels])
const picture = (bytes: Buffer) => {
  const stream = new PassThrough()
  stream.end(bytes)
  return pictureToPng('image/x-portable-pixmap', stream)
}

describe('pictureToPng', () => {
  it('turns PPM into PNG, pixel for pixel', async () => {
    const pixels = Buffer.from([255, 0, 0, 0, 255, 0])
    const { width, height, data } = PNG.sync.read(await picture(ppm('P6\n# QEMU\n2 1\n255\n', pixels)))
    expect([width, height]).toEqual([2, 1])
    expect([...data]).toEqual([255, 0, 0, 255, 0, 255, 0, 255])
  })

  it('passes a PNG on', async () => {
    const bytes = PNG.sync.write(new PNG({ width: 3, height: 2 }))
    expect(await picture(bytes)).toEqual(bytes)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no header', Buffer.from('P6')],
    ['a huge side', ppm('P6\n999999 1\n255\n', Buffer.alloc(10))],
    ['huge memory', ppm('P6\n16384 16384\n255\n', Buffer.alloc(10))],
    ['no pixels', ppm('P6\n0 5\n255\n', Buffer.alloc(10))],
    ['fewer pixels than promised', ppm('P6\n2 2\n255\n', Buffer.alloc(11))],
    ['sixteen bits', ppm('P6\n1 1\n65535\n', Buffer.alloc(6))],
    ['HTML', Buffer.from('<script>alert(1)</script>')],
    ['half a PNG', Buffer.from('89504e470d0a1a0a00', 'hex')],
  ])('refuses %s', async (_what, bytes) => {
    await expect(picture(bytes)).rejects.toThrow(/cannot be used/)
  })

  it('stops reading a picture without end', async () => {
    const endless = new PassThrough()
    const result = pictureToPng('image/png', endless)
    const chunk = Buffer.alloc(8 * 1024 * 1024)
    const feed = setInterval(() => endless.write(chunk), 1)
    await expect(result).rejects.toThrow(/too big/)
    clearInterval(feed)
    expect(endless.destroyed).toBe(true)
  })

  it('tells when the stream breaks', async () => {
    const broken = new PassThrough()
    const result = pictureToPng('image/png', broken)
    broken.destroy(new Error('lost'))
    await expect(result).rejects.toThrow('lost')
  })

  it('reads the biggest header that it accepts', () => {
    expect(() => ppmToPng(ppm('P6 1 1 255 ', Buffer.alloc(3)))).not.toThrow()
  })
})
