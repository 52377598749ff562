/** What a person added to the catalogue, and the mirrors they prefer: `images.json`. */
import { z } from 'zod'
import { JsonFile } from '../../base/json-file.ts'
import { ImageFirmware, ImageMirror } from '../../contract/index.ts'

const OwnImage = z.object({
  id: z.string(),
  name: z.string(),
  /** Address, or absolute path. */
  place: z.string(),
  checksum: z.string().nullable(),
  osId: z.string().nullable(),
  defaultUser: z.string().nullable(),
  firmware: ImageFirmware,
  /** Machines are built on the file where it lies. */
  inPlace: z.boolean().default(false),
})
export type OwnImage = z.infer<typeof OwnImage>

const ImageFile = z.object({ own: z.array(OwnImage).default([]), mirrors: z.array(ImageMirror).default([]) })
export type ImageFile = z.infer<typeof ImageFile>

export const imageFile = (path: string): JsonFile<ImageFile> =>
  new JsonFile<ImageFile>(path, raw => ImageFile.parse(raw), { own: [], mirrors: [] })
