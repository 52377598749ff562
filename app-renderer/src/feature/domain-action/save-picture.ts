import type { DomainSummary } from '@vireo/app-main/contract'
import { appErrorOf } from '../../store/app-error.ts'
import type { Stores } from '../../store/stores.ts'
import { showFailure } from '../action/run-action.ts'
import { fileName, saveFile, timeStamp } from '../console/save-file.ts'
import { readPicture } from '../screen/read-picture.ts'
import { text } from './text.ts'

/** Saves a picture of the machine's screen as a file. */
export const savePicture = async ({ client }: Stores, domain: DomainSummary): Promise<void> => {
  try {
    const picture = await readPicture(await client.domain.screenshot({ id: domain.id }))
    saveFile(fileName(`${domain.name} ${timeStamp(new Date())}`, 'png'), picture)
  } catch (thrown) {
    showFailure(text('pictureFailed', { name: domain.name }), appErrorOf(thrown))
  }
}
