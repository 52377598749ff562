/** The parts of the media room. */
import { OsinfoDatabase } from '../create/osinfo.ts'
import { sourceFinder, type ResolveImage } from '../create/source.ts'
import { mediaHandlers, type MediaRoom } from './handlers.ts'

/** @param images finds systems of the catalogue and images that are here */
export const mediaRoom = (images: ResolveImage, parts: Omit<MediaRoom, 'resolve'>) =>
  mediaHandlers({ ...parts, resolve: sourceFinder(images, new OsinfoDatabase()) })
