/** The image room's answers for people. */
import type { CachedImage, CatalogueImage, ImageCacheState, ImageMirror, ImageUsers } from '../../contract/index.ts'
import { printableLines, size, table } from './text.ts'

const catalogue = (list: readonly CatalogueImage[]): string =>
  table(
    ['ID', 'NAME', 'USER', 'WAYS', 'SUPPORTED', 'HERE'],
    list.map(({ id, name, defaultUser, ways, supportedUntil, cached }) => [
      ...[id, name, defaultUser ?? '-', ways.join(' ') || 'file', supportedUntil ?? '-'],
      cached === null ? '-' : cached.slice(0, 12),
    ]),
  )

const SIGNED = { good: 'signed', unchecked: 'not checked', none: 'none' } as const
const day = (at: number) => new Date(at).toISOString().slice(0, 10)

const rowOf = ({ sha256, name, format, bytes, fileBytes, signature, usedAt, users }: CachedImage): string[] => [
  ...[sha256.slice(0, 12), name, format, size(bytes), size(fileBytes), SIGNED[signature.state], day(usedAt)],
  String(users.length),
]

const state = ({ folder, usedBytes, freeBytes, images }: ImageCacheState): string => {
  const sum = `${size(usedBytes)} in ${printableLines(folder)}, ${size(freeBytes)} free`
  if (images.length === 0) return `No images. ${sum}.`
  return `${table(['IMAGE', 'NAME', 'FORMAT', 'SIZE', 'ON DISK', 'SIGNATURE', 'USED', 'MACHINES'], images.map(rowOf))}\n\n${sum}`
}

const users = ({ images, unread }: ImageUsers): string =>
  [
    images.length === 0
      ? 'No image is needed by a machine.'
      : table(
          ['IMAGE', 'NEEDED BY'],
          images.flatMap(({ sha256, users: needers }) => needers.map(user => [sha256.slice(0, 12), user])),
        ),
    ...(unread === null ? [] : [`There may be more: ${printableLines(unread)}`]),
  ].join('\n\n')

const cleanup = ({
  deleted,
  copies,
  freedBytes,
}: {
  deleted: readonly { sha256: string; name: string }[]
  copies: readonly { pool: string; name: string }[]
  freedBytes: number
}) =>
  [
    ...(deleted.length > 0
      ? [
          table(
            ['IMAGE', 'NAME'],
            deleted.map(({ sha256, name }) => [sha256.slice(0, 12), name]),
          ),
        ]
      : []),
    ...(copies.length > 0
      ? [
          table(
            ['POOL', 'COPY'],
            copies.map(({ pool, name }) => [pool, name]),
          ),
        ]
      : []),
    `${deleted.length} of the images, ${copies.length} copies in storage pools, ${size(freedBytes)}.`,
  ].join('\n\n')

const mirrors = (list: readonly ImageMirror[]): string =>
  list.length === 0
    ? 'No mirrors.'
    : table(
        ['INSTEAD OF', 'TAKE'],
        list.map(({ from, to }) => [from, to]),
      )

export const IMAGE_FORMATTERS = {
  'image.catalogue': catalogue,
  'image.list': state,
  'image.users': users,
  'image.cleanup': cleanup,
  'image.add': catalogue,
  'image.forget': catalogue,
  'image.mirrors': mirrors,
  'image.setMirror': mirrors,
}
